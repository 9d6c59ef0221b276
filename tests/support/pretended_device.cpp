#include "tests/support/pretended_device.h"

#include <ATen/ATen.h>
#include <ATen/EmptyTensor.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <ATen/detail/HPUHooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/resize_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <atomic>
#include <set>
#include <string>

#include "tests/support/catch.h"

// LibTorch finds them by this name.
namespace at {
struct HPUHooks final : HPUHooksInterface {
  explicit HPUHooks(HPUHooksArgs) {}
  void init() const override {}
  bool hasHPU() const override { return isBuilt(); }
  bool isBuilt() const override { return !detail::getCUDAHooks().isBuilt(); }
  bool hasPrimaryContext(DeviceIndex) const override { return true; }
  DeviceIndex deviceCount() const override { return 1; }
  DeviceIndex getCurrentDevice() const override { return 0; }
};
REGISTER_HPU_HOOKS(HPUHooks)
}  // namespace at

namespace sublayer::test {
namespace {

const at::Device pretended(at::kHPU, 0);
std::atomic<int64_t> wait_count = 0;
thread_local bool is_inside_operator = false;  // where the CPU's operators get and give their tensors, nobody waits

void wait() { wait_count += !is_inside_operator; }

struct PretendedGuard final : c10::impl::NoOpDeviceGuardImpl<at::kHPU> {
  at::Device getDevice() const override { return pretended; }
  at::Device exchangeDevice(at::Device) const override { return pretended; }
  c10::Stream getStream(at::Device) const noexcept override { return c10::Stream(c10::Stream::DEFAULT, pretended); }
  c10::Stream exchangeStream(c10::Stream) const noexcept override { return getStream(pretended); }
};
C10_REGISTER_GUARD_IMPL(HPU, PretendedGuard)

struct PretendedMemory final : c10::Allocator {
  c10::DataPtr allocate(size_t bytes) override {
    auto host = at::getCPUAllocator()->allocate(bytes);
    const auto deleter = host.get_deleter();
    void* const data = host.get();
    return {data, host.release_context(), deleter, pretended};
  }
  void copy_data(void* to, const void* from, size_t count) const override { default_copy_data(to, from, count); }
};
PretendedMemory memory;
constexpr c10::DispatchKeySet keys(c10::DispatchKey::HPU);

at::Tensor empty(at::IntArrayRef size, std::optional<at::ScalarType> type, std::optional<at::Layout>, std::optional<at::Device>,
                 std::optional<bool>, std::optional<at::MemoryFormat> format) {
  return at::detail::empty_generic(size, &memory, keys, c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                         std::optional<at::Device>, std::optional<bool>) {
  return at::detail::empty_strided_generic(size, stride, &memory, keys, c10::dtype_or_default(type));
}

// The same memory as a tensor of the CPU.
at::Tensor on_host(const at::Tensor& x) {
  if (x.is_cpu()) return x;
  return at::for_blob(const_cast<void*>(x.const_data_ptr()), x.sizes())
      .strides(x.strides())
      .options(at::TensorOptions(x.scalar_type()))
      .make_tensor();
}

at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  if (to.is_cpu() || (from.is_cpu() && !non_blocking)) wait();
  on_host(to).copy_(on_host(from));
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  to.resize_(from.sizes());
  return copy_from(from, to, false);
}

at::Scalar value_of(const at::Tensor& x) {
  wait();
  return on_host(x).item();
}

const at::Tensor& resize(const at::Tensor& x, at::IntArrayRef size, std::optional<at::MemoryFormat> format) {
  return at::native::resize_(x, size, format);
}

std::vector<at::Tensor> tensors_in(const c10::IValue& argument) {
  if (argument.isTensor()) return {argument.toTensor()};
  return argument.isTensorList() ? argument.toTensorVector() : std::vector<at::Tensor>();
}

void by_the_cpu(const c10::OperatorHandle& operation, torch::jit::Stack* stack) {
  static const std::set<std::string> of_unknown_size = {"aten::nonzero", "aten::masked_select", "aten::repeat_interleave", "aten::equal"};
  const auto& schema = operation.schema();
  for (const auto& argument : torch::jit::last(*stack, schema.arguments().size())) {
    for (const auto& tensor : tensors_in(argument)) {
      TORCH_CHECK(!tensor.defined() || !tensor.is_cpu() || tensor.dim() == 0, schema.name(), ": a tensor of the CPU among those of ",
                  pretended);
    }
  }
  if (of_unknown_size.contains(schema.name())) wait();
  struct Inside {
    Inside() { is_inside_operator = true; }
    ~Inside() { is_inside_operator = false; }
  } inside;
  at::native::cpu_fallback(operation, stack);
}

TORCH_LIBRARY_IMPL(aten, HPU, library) {
  library.impl("empty.memory_format", TORCH_FN(empty));
  library.impl("empty_strided", TORCH_FN(empty_strided));
  library.impl("_copy_from", TORCH_FN(copy_from));
  library.impl("_copy_from_and_resize", TORCH_FN(copy_from_and_resize));
  library.impl("_local_scalar_dense", TORCH_FN(value_of));
  library.impl("as_strided", TORCH_FN(at::native::as_strided_tensorimpl));
  library.impl("view", TORCH_FN(at::native::view));
  library.impl("_reshape_alias", TORCH_FN(at::native::_reshape_alias));
  library.impl("resize_", TORCH_FN(resize));
}
TORCH_LIBRARY_IMPL(_, HPU, library) { library.fallback(torch::CppFunction::makeFromBoxedFunction<&by_the_cpu>()); }

}  // namespace

at::Device pretended_device() { return pretended; }

bool has_pretended_gradients() {
  if (at::detail::getHPUHooks().isBuilt()) return true;
  WARN("skipped: this LibTorch is built for CUDA, and takes no other device beside it");
  return false;
}

int64_t waits() { return wait_count; }

}  // namespace sublayer::test
