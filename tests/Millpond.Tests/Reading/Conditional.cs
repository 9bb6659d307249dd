using Millpond.Tests.Rig;

namespace Millpond.Tests.Reading;

/// <summary>Loaders that answer "not modified".</summary>
public sealed class Conditional
{
    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void The_loader_is_handed_the_value_and_its_version_and_may_say_that_it_holds(long sharedBytes) => Caches.Run(async caches =>
    {
        var seen = new List<LoadContext<int, string>>();
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.TimeToLive(TimeSpan.FromMinutes(1))
            .Policy(p => (p.Jitter, p.StaleIfError) = (0, TimeSpan.FromMinutes(5)))
            .LoadWith((context, _) =>
            {
                seen.Add(context);
                return new(context.HasPrevious
                    ? LoadResult.NotModified<string>()
                    : LoadResult.Found("value") with { Version = "etag-1", Tags = ["red"] });
            }))).Keyspace<int, string>("thing");

        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(70));
        var reading = await things.ReadAsync(7);

        Assert.Equal(("value", ReadOrigin.Source, StaleReason.None, TimeSpan.Zero), (reading.Value, reading.Origin, reading.Stale, reading.Age));
        Assert.False(seen[0].HasPrevious);
        Assert.Equal(("value", "etag-1", TimeSpan.FromSeconds(70)), (seen[1].Previous, seen[1].PreviousVersion, seen[1].PreviousAge));

        caches.Advance(TimeSpan.FromSeconds(70));
        await things.GetAsync(7);
        Assert.Equal("etag-1", seen[2].PreviousVersion);

        // What the source said of the value goes on holding of it, its tags included.
        await things.InvalidateTagAsync("red");
        await things.GetAsync(7);
        Assert.Equal(4, seen.Count);
        Assert.False(seen[3].HasPrevious);
    }, sharedBytes);

    [Fact]
    public void Not_modified_without_a_value_is_no_answer() => Caches.Run(async caches =>
    {
        var sound = false;
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k.LoadWith((_, _) =>
            new(sound ? LoadResult.Found("value") : LoadResult.NotModified<string>())))).Keyspace<int, string>("thing");

        await Expect.Error(ErrorCode.LoaderAnswer, () => things.GetAsync(7), "'thing'", "no previous value", "HasPrevious");
        sound = true;
        Assert.Equal("value", await things.GetAsync(7));
    });

    [Fact]
    public void An_absence_is_no_value_that_could_hold() => Caches.Run(async caches =>
    {
        var previous = new List<bool>();
        var things = caches.Add(m => m.AddKeyspace<int, string>("thing", k => k
            .Policy(p => (p.Jitter, p.NegativeTimeToLive, p.StaleIfError) = (0, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)))
            .LoadWith((context, _) =>
            {
                previous.Add(context.HasPrevious);
                return new(LoadResult.NotFound<string>());
            }))).Keyspace<int, string>("thing");
        await things.GetAsync(7);
        caches.Advance(TimeSpan.FromSeconds(2));
        await things.GetAsync(7);
        Assert.Equal([false, false], previous);
    });
}
