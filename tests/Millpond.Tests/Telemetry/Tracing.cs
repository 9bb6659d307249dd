using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Telemetry;

public sealed class Tracing : IDisposable
{
    private readonly List<Activity> _spans = [];
    private readonly ActivityListener _listener;
    private readonly ActivitySource _program = new("the test's program");

    public Tracing()
    {
        // Other tests run meanwhile; this one's keyspace has a name of its own.
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Millpond" || source == _program,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (_spans)
                {
                    if (span.GetTagItem("millpond.keyspace") is "traced")
                    {
                        _spans.Add(span);
                    }
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _program.Dispose();
    }

    [Fact]
    public void A_load_is_a_span_below_its_first_caller_and_around_what_the_loader_does() => Caches.Run(async caches =>
    {
        string? within = null;
        var things = Traced(caches, (key, _) =>
        {
            within = Activity.Current?.SpanId.ToString();
            return new(key == 7 ? "seven" : null);
        });
        using (var request = _program.StartActivity("request"))
        {
            await things.GetAsync(7);
            await things.GetAsync(7);
            Assert.Same(request, Activity.Current);
            var span = Assert.Single(_spans);
            Assert.Equal(("millpond.load", request?.SpanId, within), (span.OperationName, span.ParentSpanId, span.SpanId.ToString()));
        }

        await things.GetAsync(8);
        Assert.Equal(["found", "missing"], _spans.Select(span => span.GetTagItem("millpond.load.outcome")));
        Assert.All(_spans, span => Assert.Equal((1, ActivityStatusCode.Unset), (span.GetTagItem("millpond.load.keys"), span.Status)));
    });

    [Fact]
    public void A_load_that_failed_is_an_error_by_type_and_says_no_more() => Caches.Run(async caches =>
    {
        var things = Traced(caches, (key, _) => throw new TimeZoneNotFoundException($"for {key}"));
        await Assert.ThrowsAsync<MillpondException>(() => things.GetAsync(4711).AsTask());

        var span = Assert.Single(_spans);
        Assert.Equal((ActivityStatusCode.Error, "System.TimeZoneNotFoundException", "failed"), (span.Status, span.GetTagItem("error.type"), span.GetTagItem("millpond.load.outcome")));
        Assert.Null(span.StatusDescription);
        Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("4711", StringComparison.Ordinal));
    });

    [Fact]
    public void A_renewal_is_a_root_that_says_its_cause() => Caches.Run(async caches =>
    {
        var things = Traced(caches, (_, _) => new("seven"));
        await things.GetAsync(7);
        caches.Clock.Advance(TimeSpan.FromSeconds(15));
        using (_program.StartActivity("request"))
        {
            await things.GetAsync(7);
            caches.Settle();
        }

        Assert.Equal(2, _spans.Count);
        Assert.Equal((default, "stale"), (_spans[1].ParentSpanId, _spans[1].GetTagItem("millpond.refresh.cause")));
        Assert.Null(_spans[0].GetTagItem("millpond.refresh.cause"));
    });

    private static IKeyspace<int, string> Traced(Caches caches, Func<int, CancellationToken, ValueTask<string?>> load) =>
        caches.Add(m => m.AddKeyspace<int, string>("traced", k => k.Load(load).Policy(p =>
        {
            p.Jitter = 0;
            p.TimeToLive = TimeSpan.FromSeconds(10);
            p.StaleWhileRevalidate = TimeSpan.FromSeconds(30);
        }))).GetRequiredService<IKeyspace<int, string>>();
}
