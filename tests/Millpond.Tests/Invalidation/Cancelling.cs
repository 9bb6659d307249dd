using Millpond.Tests.Rig;

namespace Millpond.Tests.Invalidation;

/// <summary>A write was committed; that its caller has gone meanwhile (a browser was closed) makes the cache no less wrong.</summary>
public sealed class Cancelling
{
    [Fact]
    public void A_key_is_invalidated_for_a_caller_who_had_gone_before() =>
        Check((things, gone) => things.InvalidateAsync(7, gone));

    [Fact]
    public void Many_keys_are_invalidated_for_a_caller_who_had_gone_before() =>
        Check((things, gone) => things.InvalidateManyAsync([7], gone));

    [Fact]
    public void A_tag_is_invalidated_for_a_caller_who_had_gone_before() =>
        Check((things, gone) => things.InvalidateTagAsync("odd", gone));

    [Fact]
    public void A_keyspace_is_invalidated_for_a_caller_who_had_gone_before() =>
        Check((things, gone) => things.InvalidateAllAsync(gone));

    private static void Check(Func<IKeyspace<int, string>, CancellationToken, ValueTask> invalidate) => Caches.Run(async caches =>
    {
        var source = new Source { [7] = "old" };
        var things = caches.Add(source, k => k.Tags((_, _) => ["odd"]));
        Assert.Equal("old", await things.GetAsync(7));
        source[7] = "new";

        try
        {
            await invalidate(things, new CancellationToken(canceled: true));
        }
        catch (OperationCanceledException)
        {
            // Whether the caller is told that its wait ended depends on whether there was one.
        }

        Assert.Equal("new", await things.GetAsync(7));
    });
}
