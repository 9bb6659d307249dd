using System.Diagnostics;

namespace Millpond.Bench.Suites.Outages;

/// <summary>The parts of one case.</summary>
internal enum Part
{
    Before,
    During,
    After,
}

/// <summary>One tenth of a second of one subject.</summary>
internal sealed class Moment
{
    private readonly Lock _gate = new();
    private readonly List<double> _times = [];

    public int Asked { get; private set; }

    public int Answered { get; private set; }

    public int Stale { get; private set; }

    public int MostAtSource { get; set; }

    public IReadOnlyList<double> Milliseconds => _times;

    public void Ask()
    {
        lock (_gate)
        {
            Asked++;
        }
    }

    /// <summary>Ends a request; what took longer than its caller waits is no answer.</summary>
    public void End(double milliseconds, bool isAnswer, bool isStale)
    {
        lock (_gate)
        {
            Answered += isAnswer ? 1 : 0;
            Stale += isAnswer && isStale ? 1 : 0;
            _times.Add(milliseconds);
        }
    }
}

/// <summary>What became of one subject's requests, by the moment in which they were made.</summary>
internal sealed class Timeline(TimeSpan before, TimeSpan during, TimeSpan after)
{
    public const double MomentSeconds = 0.1;

    /// <summary>What a caller waits before he gives up.</summary>
    public const double PatienceMilliseconds = 1_000;

    // A second in which this share of what was answered before is answered counts as well again.
    private const double WellShare = 0.95;

    private readonly Moment[] _moments = [.. Enumerable.Range(0, (int)((before + during + after).TotalSeconds / MomentSeconds)).Select(_ => new Moment())];

    public IReadOnlyList<Moment> Moments => _moments;

    public TimeSpan Lasts => before + during + after;

    public TimeSpan TroubleFrom => before;

    public TimeSpan TroubleTo => before + during;

    public Moment At(TimeSpan elapsed) => _moments[Math.Clamp((int)(elapsed.TotalSeconds / MomentSeconds), 0, _moments.Length - 1)];

    public double Goodput(Part part) => Share(Of(part));

    /// <summary>The share of the answers that were stale, and said so.</summary>
    public double Stale(Part part) => (double)Of(part).Sum(moment => moment.Stale) / Math.Max(1, Of(part).Sum(moment => moment.Answered));

    public double Quantile(Part part, double share)
    {
        // Who is still without an answer when all is over has waited longer than anybody does.
        double[] times = [.. Of(part).SelectMany(moment => moment.Milliseconds.Concat(Enumerable.Repeat(PatienceMilliseconds, moment.Asked - moment.Milliseconds.Count))).Select(time => Math.Min(time, PatienceMilliseconds)).Order()];
        return times.Length == 0 ? double.NaN : times[(int)(times.Length * share)];
    }

    public int MostAtSource() => _moments.Max(moment => moment.MostAtSource);

    /// <summary>Seconds from the end of the trouble until it is well, and stays so; infinite if it never is.</summary>
    public double SecondsToRecover()
    {
        var well = WellShare * Goodput(Part.Before);
        var second = (int)(1 / MomentSeconds);
        var from = (int)(TroubleTo.TotalSeconds / MomentSeconds);
        var last = _moments.Length / second * second;
        for (var at = last - second; at >= from; at -= second)
        {
            if (Share(_moments[at..(at + second)]) < well)
            {
                return at + second >= last ? double.PositiveInfinity : ((at + second) * MomentSeconds) - TroubleTo.TotalSeconds;
            }
        }

        return 0;
    }

    private static double Share(IReadOnlyCollection<Moment> moments)
    {
        var asked = moments.Sum(moment => moment.Asked);
        return asked == 0 ? 0 : (double)moments.Sum(moment => moment.Answered) / asked;
    }

    private Moment[] Of(Part part)
    {
        var (from, to) = part switch
        {
            Part.Before => (TimeSpan.Zero, before),
            Part.During => (TroubleFrom, TroubleTo),
            _ => (TroubleTo, Lasts),
        };
        return _moments[(int)(from.TotalSeconds / MomentSeconds)..(int)(to.TotalSeconds / MomentSeconds)];
    }
}

/// <summary>Requests that come at their own pace, whatever became of those before them.</summary>
internal sealed class Traffic(OutageSubject subject, int[] ranks, int ratePerSecond)
{
    // One request in twenty is for a key that nobody asked for before: so the caches together hit 95 in 100, whatever they hold.
    private const int ColdEach = 20;

    private int _cold = 1_000_000_000;

    /// <summary>Asks for every key once.</summary>
    public Task WarmAsync(int keys) => Parallel.ForEachAsync(Enumerable.Range(0, keys), new ParallelOptions { MaxDegreeOfParallelism = OutageSource.Capacity }, async (key, _) => await subject.GetAsync(key));

    public async Task RunAsync(Timeline timeline)
    {
        var begun = Stopwatch.GetTimestamp();
        List<Task> open = [];
        var sent = 0L;
        while (Stopwatch.GetElapsedTime(begun) is var elapsed && elapsed < timeline.Lasts)
        {
            for (; sent < elapsed.TotalSeconds * ratePerSecond; sent++)
            {
                var key = sent % ColdEach == 0 ? ++_cold : ranks[sent % ranks.Length];
                open.Add(AskAsync(key, timeline.At(elapsed)));
            }

            timeline.At(elapsed).MostAtSource = Math.Max(timeline.At(elapsed).MostAtSource, subject.Source.TakeMost());
            await Task.Delay(2);
        }

        // What nobody waits for any more need not be waited for here.
        await Task.WhenAny(Task.WhenAll(open), Task.Delay(TimeSpan.FromMilliseconds(Timeline.PatienceMilliseconds)));
    }

    private async Task AskAsync(int key, Moment moment)
    {
        moment.Ask();
        var begun = Stopwatch.GetTimestamp();
        var (isAnswer, isStale) = (true, false);
        try
        {
            isStale = await Task.Run(() => subject.GetAsync(key).AsTask());
        }
        catch (MillpondException)
        {
            isAnswer = false;
        }

        var took = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        moment.End(took, isAnswer && took <= Timeline.PatienceMilliseconds, isStale);
    }
}
