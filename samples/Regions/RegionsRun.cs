using System.Diagnostics;
using System.Globalization;
using Millpond;

namespace Regions;

/// <summary>Users who write in the home region and read in the far one: while the regions are connected, while they are not, and afterwards.</summary>
internal static class RegionsRun
{
    private static readonly ReadOptions Wait = new() { BehindWaitMax = TimeSpan.FromSeconds(10) };
    private static readonly ReadOptions AskHome = new() { BehindWaitMax = TimeSpan.Zero, WhenBehind = WhenBehind.AskHome };
    private static readonly ReadOptions Impatient = new() { BehindWaitMax = TimeSpan.FromMilliseconds(100) };
    private static readonly ReadOptions Bounded = ReadOptions.AtMost(TimeSpan.FromSeconds(3)) with { BehindWaitMax = TimeSpan.Zero };

    /// <summary>0 if no session ever saw what was there before its own write, and nothing was stale in the end.</summary>
    public static async Task<int> RunAsync(TimeSpan part, TextWriter print)
    {
        print.WriteLine("Starting two PostgreSQL clusters, two Redis and two nodes...");
        await using var deployment = await Deployment.StartAsync();
        var truth = new long[Region.Rows + 1];
        var broken = 0;
        print.WriteLine("Each user writes a row in the home region, then reads it in the far one.\n");
        print.WriteLine($"{"",-44}{"answered",9}{"old",7}{"refused",9}{"p50 ms",9}{"p99 ms",9}");

        broken += await ShowAsync("connected, without a session", null);
        broken += await ShowAsync("connected, in a session that waits", Wait);
        broken += await ShowAsync("connected, in a session that asks home", AskHome);

        await deployment.CutAsync();
        broken += await ShowAsync("cut off, without a session", null);
        await Deployment.UntilAsync(() => new(deployment.Far.Feed is { State: Millpond.Feeds.FeedState.CutOff, Lag: { } lag } && lag > Bounded.MaxStaleness), "the far region says that it is cut off");
        broken += await ShowAsync("cut off, in a session that waits 100 ms", Impatient);
        broken += await ShowAsync("cut off, in a session that asks home", AskHome);
        broken += await ShowAsync("cut off, no older than 3 s", Bounded, isOfSession: false);
        print.WriteLine($"{"",4}the far region: {deployment.Far.Feed.State}, {deployment.Far.Feed.Detail}");

        var healed = Stopwatch.StartNew();
        await deployment.HealAsync();
        await Deployment.UntilAsync(async () => await StaleAsync() == 0, "the far region shows all that was committed");
        print.WriteLine($"{"",4}connected again: all rows right everywhere after {healed.Elapsed.TotalSeconds:F1} s");
        broken += await ShowAsync("connected again, in a session that waits", Wait);
        print.WriteLine(broken == 0 ? "\nNo session saw what was there before its own write." : $"\n{broken} reads of sessions saw what was there before their own write.");
        return broken == 0 ? 0 : 1;

        async Task<int> ShowAsync(string what, ReadOptions? options, bool isOfSession = true)
        {
            var tally = await UsersAsync(deployment, truth, part, options, isOfSession);
            print.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-44}{tally.Answered,9}{tally.Old,7}{tally.Refused,9}{tally.Milliseconds(0.5),9:F1}{tally.Milliseconds(0.99),9:F1}"));
            return options is null ? 0 : tally.Old;
        }

        async ValueTask<int> StaleAsync()
        {
            var stale = 0;
            for (var id = 1; id <= Region.Rows; id++)
            {
                stale += await deployment.Far.Stock.GetAsync(id) == truth[id] && await deployment.Home.Stock.GetAsync(id) == truth[id] ? 0 : 1;
            }

            return stale;
        }
    }

    private static async Task<Tally> UsersAsync(Deployment deployment, long[] truth, TimeSpan part, ReadOptions? options, bool isOfSession)
    {
        var tally = new Tally();
        for (var began = Stopwatch.StartNew(); began.Elapsed < part;)
        {
            var id = 1 + Random.Shared.Next(Region.Rows);
            await deployment.Far.Stock.GetAsync(id);
            await deployment.WriteAsync(id, ++truth[id]);
            var session = new Session();
            await deployment.Home.Stock.NoteWriteAsync(id, session);

            // What a cookie would carry to the other region.
            var wanted = options is null ? default : isOfSession ? options.Value with { Session = Session.Resume(session.Ticket) } : options.Value;
            var asked = Stopwatch.GetTimestamp();
            try
            {
                var read = await deployment.Far.Stock.ReadAsync(id, wanted);
                tally.Answer(read.Value < truth[id], Stopwatch.GetElapsedTime(asked));
            }
            catch (MillpondException refused) when (refused.Code is ErrorCode.RegionBehind or ErrorCode.TooStale)
            {
                tally.Refuse();
            }
        }

        return tally;
    }
}
