using Microsoft.Extensions.DependencyInjection;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Anomalies;

/// <summary>What a process has changed itself it never reads again, whatever another life of the shared tier brings back (A23, A27).</summary>
public sealed class OtherLives
{
    [Fact]
    public void A_value_brought_back_by_an_old_snapshot_is_not_served_to_who_changed_it_even_where_stale_values_are() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Policy(p => p.StaleWhileRevalidate = TimeSpan.FromMinutes(1)));
        await things.GetAsync(7);
        var snapshot = caches.Shared.Snapshot();
        caches.Advance(TimeSpan.FromSeconds(1));
        source[7] = "new";
        await things.InvalidateAsync(7);

        caches.Shared.RestartFrom(snapshot);

        Assert.Equal("new", await things.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_value_brought_back_is_not_served_to_who_would_rather_be_refused_than_load() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source);
        await things.GetAsync(7);
        var snapshot = caches.Shared.Snapshot();
        source[7] = "new";
        await things.InvalidateAsync(7);
        caches.Shared.RestartFrom(snapshot);

        var options = new ReadOptions { MaxStaleness = TimeSpan.FromMinutes(1), WhenTooStale = WhenTooStale.Refuse };
        var refusal = await Assert.ThrowsAsync<MillpondException>(() => things.ReadAsync(7, options).AsTask());

        Assert.Equal(ErrorCode.TooStale, refusal.Code);
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_tag_that_was_changed_before_a_restart_stays_changed() => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var services = caches.Add(m => m.AddKeyspace<int, string>("thing", k =>
        {
            k.Policy(p => p.StaleWhileRevalidate = TimeSpan.FromMinutes(1));
            k.Tags((_, _) => ["red"]);
            k.Load(source.LoadAsync);
        }));
        var things = services.GetRequiredService<IKeyspace<int, string>>();
        await things.GetAsync(7);
        source[7] = "new";
        await things.InvalidateTagAsync("red");

        caches.Shared.RestartEmpty();
        // Another key's read finds out that the shared tier began another life.
        await things.GetAsync(8);

        Assert.Equal("new", await things.GetAsync(7));
    }, sharedBytes: 1 << 20);

    [Fact]
    public void A_ticket_s_value_is_as_old_as_the_ticket() => Caches.Run(async caches =>
    {
        var things = caches.Add(new Source { [7] = "old" });
        var ticket = await things.BeginWriteAsync(7);
        caches.Advance(TimeSpan.FromSeconds(3));
        Assert.True(await ticket.SetAsync("new"));

        var reading = await things.ReadAsync(7);

        Assert.Equal("new", reading.Value);
        Assert.Equal(TimeSpan.FromSeconds(3), reading.Age);
    }, sharedBytes: 1 << 20);
}
