using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Millpond.Resp.Tests.Connections;

namespace Millpond.Resp.Tests.Telemetry;

public class Observed
{
    [Fact]
    public async Task Every_call_is_timed_by_command_node_and_outcome()
    {
        var seen = new ConcurrentBag<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == "Millpond.Resp")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => seen.Add(Text(instrument.Name, tags)));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => seen.Add(Text(instrument.Name, tags)));
        listener.Start();
        await CallAsync();
        Assert.Contains("db.client.operation.duration db.system.name=redis db.operation.name=ECHO server.address=fake server.port=6379", seen);
        Assert.Contains("db.client.operation.duration db.system.name=redis db.operation.name=GET server.address=fake server.port=6379 error.type=WRONGTYPE db.response.status_code=WRONGTYPE", seen);
        Assert.Contains("db.client.operation.duration db.system.name=redis db.operation.name=PIPELINE ECHO db.operation.batch.size=2 server.address=fake server.port=6379", seen);
        Assert.Contains("millpond.resp.connects db.system.name=redis server.address=fake server.port=6379", seen);
        Assert.DoesNotContain(seen, s => s.Contains("secret", StringComparison.Ordinal));

        static string Text(string name, ReadOnlySpan<KeyValuePair<string, object?>> tags) => name + string.Concat(tags.ToArray().Select(t => $" {t.Key}={t.Value}"));
    }

    [Fact]
    public async Task Every_call_is_a_span_below_its_callers()
    {
        var seen = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name is "Millpond.Resp" or "test",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = seen.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");
        using (var outer = source.StartActivity("outer"))
        {
            await CallAsync();
        }

        var caller = seen.Single(a => a.OperationName == "outer");
        var mine = seen.Where(a => a.TraceId == caller.TraceId && a != caller).ToList();
        Assert.Equal(["ECHO", "GET", "PIPELINE ECHO"], mine.Select(a => a.OperationName).Order(StringComparer.Ordinal));
        Assert.All(mine, a => Assert.Equal((caller.SpanId, ActivityKind.Client), (a.ParentSpanId, a.Kind)));
        var failed = mine.Single(a => a.OperationName == "GET");
        Assert.Equal((ActivityStatusCode.Error, "WRONGTYPE"), (failed.Status, failed.GetTagItem("error.type")));
        Assert.All(mine, a => Assert.DoesNotContain(a.TagObjects, t => t.Value is string text && text.Contains("secret", StringComparison.Ordinal)));
    }

    private static async Task CallAsync()
    {
        await using var harness = new Harness();
        harness.Server.Script = (_, command) => command[0] == "GET" ? "-WRONGTYPE not a secret\r\n" : null;
        await harness.Client.SendAsync<Echo, string?>(new Echo("secret"));
        await Assert.ThrowsAsync<RespServerException>(() => harness.Client.ExecuteAsync("GET", "secret").AsTask());
        await harness.Client.SendBatchAsync<Echo, string?>(new Echo[] { new("secret"), new("secret") }, new RespOutcome<string?>[2]);
    }
}
