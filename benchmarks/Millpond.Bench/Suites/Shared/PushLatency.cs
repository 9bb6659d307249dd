using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Millpond.Bench.Harness;
using Millpond.Engines.Live;

namespace Millpond.Bench.Suites.Shared;

/// <summary>
/// From the call of InvalidateAsync by one client to the moment another, which held the value, no longer serves it. Both are caches with connections of their own; they share a process so that
/// one clock sees both ends.
/// </summary>
internal static class PushLatency
{
    private const string Case = "push";

    public static async Task MeasureAsync(Report report, string suite, string subject, RedisServer server, Effort effort)
    {
        await using var writer = Build(server);
        await using var reader = Build(server);
        var (changes, holder) = (writer.GetRequiredService<IKeyspace<int, string>>(), reader.GetRequiredService<IKeyspace<int, string>>());
        var count = effort == Effort.Quick ? 500 : 5_000;
        var times = new double[count];
        for (var i = -100; i < count; i++)
        {
            await holder.GetAsync(1);
            var begun = Stopwatch.GetTimestamp();
            var call = changes.InvalidateAsync(1);

            // Asked without waiting: the entry is there until the push takes it away.
            while (holder.TryPeek(1, out _))
            {
                await Task.Yield();
            }

            var gone = Stopwatch.GetElapsedTime(begun);
            await call;
            if (i >= 0)
            {
                times[i] = gone.TotalMicroseconds;
            }
        }

        Array.Sort(times);
        report.Add(suite, Case, subject, "p50", "us", Math.Round(times[count / 2], 1));
        report.Add(suite, Case, subject, "p99", "us", Math.Round(times[count * 99 / 100], 1));
        report.Add(suite, Case, subject, "worst", "us", Math.Round(times[^1], 1));
    }

    private static ServiceProvider Build(RedisServer server) => new ServiceCollection()
        .AddMillpond(cache => cache.UseRedis(server.Address).AddKeyspace<int, string>("pushed", keyspace => keyspace.TimeToLive(TimeSpan.FromHours(1)).Load((id, _) => new($"value {id}"))))
        .BuildServiceProvider();
}
