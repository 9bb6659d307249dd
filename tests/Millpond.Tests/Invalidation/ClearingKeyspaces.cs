using Microsoft.Extensions.DependencyInjection;
using Millpond.Shared;
using Millpond.Tests.Rig;

namespace Millpond.Tests.Invalidation;

/// <summary>There is no call that empties anything. Clearing a keyspace raises its floor, and what is read again is loaded again under the source's guard.</summary>
public sealed class ClearingKeyspaces
{
    private const int Entries = 100_000;
    private const int Limit = 8;

    [Theory]
    [InlineData(AfterInvalidation.Gone)]
    [InlineData(AfterInvalidation.Stale)]
    public void Clearing_a_hundred_thousand_entries_under_load_is_one_change_and_no_herd(AfterInvalidation after) => Caches.Run(async caches =>
    {
        var (inside, most, loads, batches) = (0, 0, 0, 0);
        var process = caches.Add(m => m
            .Configure(o =>
            {
                o.LocalBytesMax = 256 << 20;
                (o.Sources["default"].ConcurrentLoadsMax, o.Sources["default"].WaitingLoadsMax) = (Limit, 100_000);
            })
            .AddKeyspace<int, string>("thing", k => k
                .Policy(p =>
                {
                    p.TimeToLive = TimeSpan.FromHours(1);
                    p.AfterInvalidation = after;
                    p.StaleWhileRevalidate = after == AfterInvalidation.Stale ? TimeSpan.FromMinutes(5) : TimeSpan.Zero;
                })
                .Load(async (key, token) =>
                {
                    loads++;
                    most = Math.Max(most, ++inside);
                    await caches.Surroundings.Delay(TimeSpan.FromMilliseconds(10), token);
                    inside--;
                    return $"{key}";
                })
                .LoadMany((keys, _) =>
                {
                    batches++;
                    return new(keys.ToDictionary(key => key, key => $"{key}"));
                })));
        var things = process.GetRequiredService<IKeyspace<int, string>>();
        foreach (var chunk in Enumerable.Range(0, Entries).Chunk(1_000))
        {
            await things.GetManyAsync(chunk);
        }

        var cache = process.GetRequiredService<ICache>();
        Assert.Equal((Entries, 100, 0), (Held(), batches, loads));

        // A hundred reads come in the same moment each millisecond, of any of the entries.
        var reads = new List<Task<string?>>();
        for (var moment = 0; moment < 20; moment++)
        {
            if (moment == 5)
            {
                await things.InvalidateAllAsync();
                Assert.Equal(Entries, Held());
            }

            reads.AddRange(Enumerable.Range(0, 100).Select(n => things.GetAsync(((moment * 100) + n) * 37 % Entries).AsTask()));
            Assert.True(after == AfterInvalidation.Gone || reads.All(read => read.IsCompletedSuccessfully));
            caches.Advance(TimeSpan.FromMilliseconds(1));
        }

        var answers = await Task.WhenAll(reads);
        caches.Advance(TimeSpan.FromSeconds(10));
        Assert.All(answers, Assert.NotNull);
        Assert.Equal((1_500, 0), (loads, inside));
        Assert.InRange(most, 1, Limit);

        int Held() => cache.Statistics().Keyspaces.Single(one => one.Name == "thing").LocalEntries;
    });
}
