"""TensorBoard reads our event files: with its Python loader and with the loaders that its web page uses."""
import os
import subprocess
import sys
import tempfile
import time

try:
    from tensorboard.backend.event_processing import data_provider, event_accumulator, plugin_event_multiplexer
    from tensorboard.context import RequestContext
    from tensorboard.data import server_ingester
    from tensorboard.plugins.scalar import metadata as scalars
    from tensorboard.plugins.text import metadata as texts
    from tensorboard.util import grpc_util
    from tensorboard.version import VERSION
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

TESTS = os.environ.get("SUBLAYER_TESTS") or os.path.join(os.environ.get("SUBLAYER_BUILD_DIR", "build"), "sublayer_tests")
STEPS = [0, 1, 127, 128, 300, 1 << 40]
TEXT = "# caf\u00e9\n\n    seed: 1\n"


def check_accumulator(directory):
    events = event_accumulator.EventAccumulator(directory)
    events.Reload()
    assert events.file_version == 2.0, events.file_version
    assert events.FirstEventTimestamp() == 1700000000.25
    assert set(events.Tags()["scalars"]) == {"train/loss", "valid/bleu", "odd"}, events.Tags()
    assert events.Tags()["tensors"] == ["config"], events.Tags()
    losses = events.Scalars("train/loss")
    assert [(e.step, e.value, e.wall_time) for e in losses] == [(s, 1.5 * s, 1700000001.0 + s) for s in STEPS], losses
    assert [(e.step, e.value) for e in events.Scalars("valid/bleu")] == [(300, 31.25)]
    nan, infinite, tiny = [e.value for e in events.Scalars("odd")]
    assert nan != nan and infinite == float("-inf") and abs(tiny - 1e-30) < 1e-36, (nan, infinite, tiny)
    [text] = events.Tensors("config")
    assert [s.decode("utf-8") for s in text.tensor_proto.string_val] == [TEXT]


def check_web_page(provider):
    context = RequestContext()
    [(run, tags)] = provider.list_scalars(context, experiment_id="", plugin_name=scalars.PLUGIN_NAME).items()
    assert set(tags) == {"train/loss", "valid/bleu", "odd"}, tags
    points = provider.read_scalars(context, experiment_id="", plugin_name=scalars.PLUGIN_NAME, downsample=100)[run]["train/loss"]
    assert [(p.step, p.value) for p in points] == [(s, 1.5 * s) for s in STEPS], points
    [(run, tags)] = provider.list_tensors(context, experiment_id="", plugin_name=texts.PLUGIN_NAME).items()
    assert set(tags) == {"config"}, tags
    [datum] = provider.read_tensors(context, experiment_id="", plugin_name=texts.PLUGIN_NAME, downsample=100)[run]["config"]
    assert datum.numpy.item() == TEXT.encode("utf-8"), datum


def python_provider(directory):
    multiplexer = plugin_event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(directory)
    multiplexer.Reload()
    return data_provider.MultiplexerDataProvider(multiplexer, directory)


def check_data_server(directory):
    """The compiled loader, which TensorBoard prefers where it is installed."""
    try:
        ingester = server_ingester.SubprocessServerDataIngester(server_ingester.get_server_binary(), directory, reload_interval=60,
                                                                channel_creds_type=grpc_util.ChannelCredsType.LOCAL)
        ingester.start()
    except RuntimeError as missing:  # no data server for this platform, or none may listen
        print("without the data server:", missing)
        return
    for _ in range(100):  # it loads in the background
        runs = ingester.data_provider.list_scalars(RequestContext(), experiment_id="", plugin_name=scalars.PLUGIN_NAME)
        if any("odd" in tags for tags in runs.values()):  # written last
            break
        time.sleep(0.1)
    check_web_page(ingester.data_provider)


def main():
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([TESTS, "[.interop_tensorboard]"], env={**os.environ, "SUBLAYER_TEST_DIRECTORY": directory}, check=True)
        check_accumulator(directory)
        check_web_page(python_provider(directory))
        check_data_server(directory)
    print("TensorBoard", VERSION, "shows our event files")


main()
