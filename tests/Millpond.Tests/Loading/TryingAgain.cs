using Millpond.Events;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Loading;

/// <summary>Loads that failed in a way that may be over in a moment, and values that stand in for what cannot be had.</summary>
public sealed class TryingAgain
{
    [Fact]
    public void A_transient_failure_is_tried_again_and_its_callers_hear_nothing_of_it() => Caches.Run(async caches =>
    {
        var (loads, heard) = (0, new Heard());
        var things = Add(caches, heard, key => ++loads < 3 ? throw new IOException("reset") : "one");

        Assert.Equal("one", await things.GetAsync(1));

        Assert.Equal(3, loads);
        Assert.Equal(2, heard.All<LoadRetried>().Count());
    });

    [Fact]
    public void Other_failures_are_not() => Caches.Run(async caches =>
    {
        var loads = 0;
        var things = Add(caches, new Heard(), key => ++loads > 0 ? throw new InvalidOperationException("a bug") : "");

        await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(1));

        Assert.Equal(1, loads);
    });

    [Fact]
    public void After_its_tries_the_failure_is_told() => Caches.Run(async caches =>
    {
        var loads = 0;
        var things = Add(caches, new Heard(), key => ++loads > 0 ? throw new IOException("reset") : "", p => p.RetriesMax = 1);

        var error = await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(1));

        Assert.IsType<IOException>(error.InnerException);
        Assert.Equal(2, loads);
    });

    [Fact]
    public void The_load_as_a_whole_ends_at_its_time() => Caches.Run(async caches =>
    {
        var began = caches.Surroundings.Now;
        var things = Add(caches, new Heard(), key => throw new IOException("reset"), p =>
        {
            p.RetriesMax = 10;
            p.LoadTimeout = TimeSpan.FromSeconds(1);
        });

        await Expect.Error(ErrorCode.LoadTimedOut, () => things.GetAsync(1));

        Assert.InRange(caches.Surroundings.Now - began, 0, TimeSpan.FromSeconds(1.1).Ticks);
    });

    [Fact]
    public void Where_everything_fails_few_are_tried_again() => Caches.Run(async caches =>
    {
        var loads = 0;
        var things = Add(caches, new Heard(), key => ++loads > 0 ? throw new IOException("down") : "", breaks: false);
        for (var key = 0; key < 200; key++)
        {
            await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(key));
        }

        Assert.Equal(210, loads);
    });

    [Fact]
    public void What_stands_in_is_answered_and_kept_nowhere() => Caches.Run(async caches =>
    {
        var isDown = true;
        var things = Add(caches, new Heard(), key => isDown ? throw new InvalidOperationException("down") : "one", more: k => k.Fallback(key => $"none of {key}"));

        var reading = await things.ReadAsync(1);
        Assert.Equal((true, "none of 1", ReadOrigin.Fallback), (reading.Found, reading.Value, reading.Origin));
        Assert.False(things.TryPeek(1, out _));
        isDown = false;
        Assert.Equal("one", await things.GetAsync(1));
    });

    [Fact]
    public void An_older_value_goes_before_what_stands_in() => Caches.Run(async caches =>
    {
        var isDown = false;
        var things = Add(caches, new Heard(), key => isDown ? throw new InvalidOperationException("down") : "one", p =>
        {
            p.TimeToLive = TimeSpan.FromSeconds(1);
            p.StaleIfError = TimeSpan.FromSeconds(10);
        }, k => k.Fallback(_ => null));
        await things.GetAsync(1);
        isDown = true;

        caches.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("one", await things.GetAsync(1));
        caches.Advance(TimeSpan.FromSeconds(20));
        Assert.False((await things.ReadAsync(1)).Found);
    });

    [Fact]
    public void A_function_that_throws_hides_nothing() => Caches.Run(async caches =>
    {
        var heard = new Heard();
        var things = Add(caches, heard, key => throw new InvalidOperationException("down"), more: k => k.Fallback(_ => throw new FormatException("bug")));

        var error = await Expect.Error(ErrorCode.LoadFailed, () => things.GetAsync(1));

        Assert.IsType<InvalidOperationException>(error.InnerException);
        Assert.Single(heard.All<ValueNotStored>());
    });

    private static IKeyspace<int, string> Add(
        Caches caches, Heard heard, Func<int, string> load, Action<KeyspacePolicy>? policy = null, Action<KeyspaceBuilder<int, string>>? more = null, bool breaks = true)
    {
        var provider = caches.Add(m => m
            .Configure(o => o.Sources["default"].BreakerFailures = breaks ? 0.5 : 2)
            .AddKeyspace<int, string>("thing", k =>
            {
                k.Policy(p => policy?.Invoke(p)).RetryWhen(failure => failure is IOException).Load((key, _) => new(load(key)));
                more?.Invoke(k);
            }), more: services => Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions.AddSingleton<CacheListener>(services, heard));
        return provider.Keyspace<int, string>("thing");
    }
}
