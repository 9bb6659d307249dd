using System.Diagnostics.CodeAnalysis;
using Millpond.Runtime;

namespace Millpond.HotKeys;

/// <summary>
/// What all processes together read of the keys that this one reads most. A key that a fleet of fifty reads a thousand times a second is read twenty times by each, and none would call it hot.
/// </summary>
internal sealed class HotFleet<TKey>(FleetReports reports, Func<TKey, string> textOf, Surroundings surroundings, CancellationToken lifetime)
    where TKey : notnull
{
    /// <summary>A key with less than this share of what makes it hot is not told of.</summary>
    private const double WorthShare = 0.5;

    private const double ReadsPerSecondMin = 10;
    private const int KeysMax = 8;

    private readonly string _process = surroundings.NextNonce().ToString();
    private IReadOnlyDictionary<TKey, FleetRate> _rates = new Dictionary<TKey, FleetRate>();
    private long _ratesUntil;
    private long _dueAt;
    private int _underWay;

    /// <summary>Whether it is time to tell the others. Asked by whoever judges, one at a time.</summary>
    public bool IsDue(long now, HotKeyOptions options) => options.FleetPeriod > TimeSpan.Zero && now >= Volatile.Read(ref _dueAt) && Volatile.Read(ref _underWay) == 0;

    /// <summary>What the fleet reads of a key of which others have told too.</summary>
    public bool TryGet(TKey key, long now, [MaybeNullWhen(false)] out FleetRate rate)
    {
        rate = default;
        return now < Volatile.Read(ref _ratesUntil) && Volatile.Read(ref _rates).TryGetValue(key, out rate);
    }

    /// <summary>Tells the others what is read here, and works out what all read, aside.</summary>
    /// <param name="reads">All reads a second.</param>
    /// <param name="keys">The keys that are read most, with their reads a second, at least.</param>
    /// <param name="options">What counts as hot.</param>
    public void Tell(double reads, IEnumerable<(TKey Key, double Rate)> keys, HotKeyOptions options)
    {
        if (reads < ReadsPerSecondMin || Interlocked.Exchange(ref _underWay, 1) == 1)
        {
            return;
        }

        (TKey Key, double Rate)[] most = [.. keys.Where(one => one.Rate >= WorthShare * options.ShareMin * reads).OrderByDescending(one => one.Rate).Take(KeysMax)];
        surroundings.RunAside(() => TellAsync(reads, most, options.FleetPeriod));
    }

    private async Task TellAsync(double reads, (TKey Key, double Rate)[] most, TimeSpan period)
    {
        try
        {
            // Two keys of one text are a fault of the keyspace's, which reads report.
            (TKey Key, string Text, double Rate)[] named = [.. most.Select(one => (one.Key, Text: TextOf(one.Key)!, one.Rate)).Where(one => one.Text is not null).DistinctBy(one => one.Text, StringComparer.Ordinal)];
            var own = new HotReport(_process, 0, reads, named.ToDictionary(one => one.Text, one => one.Rate, StringComparer.Ordinal));
            var exchanged = await reports.ExchangeAsync(own, lifetime).ConfigureAwait(false);
            var now = surroundings.MillisecondsAtMost;

            // Who met another has read what there is, and tells in the next window.
            Volatile.Write(ref _dueAt, exchanged is { IsTold: false } ? now : now + (long)period.TotalMilliseconds);
            if (exchanged is { } heard)
            {
                Volatile.Write(ref _rates, named.Select(one => (one.Key, Rate: Sum(one.Text, own, heard.Others))).Where(one => one.Rate.Processes > 1).ToDictionary(one => one.Key, one => one.Rate));
                Volatile.Write(ref _ratesUntil, now + (long)Math.Max(period.TotalMilliseconds * 2, FleetReports.AgeMaxSeconds * 1_000));
            }
        }
        finally
        {
            Volatile.Write(ref _underWay, 0);
        }
    }

    // A key that may not be asked for can have been asked for all the same.
    private string? TextOf(TKey key)
    {
        try
        {
            return textOf(key);
        }
        catch (MillpondException)
        {
            return null;
        }
    }

    private static FleetRate Sum(string text, HotReport own, IReadOnlyList<HotReport> others)
    {
        var (rate, all, processes) = (own.Keys[text], own.Reads, 1);
        foreach (var other in others)
        {
            all += other.Reads;
            rate += other.Keys.GetValueOrDefault(text);
            processes += other.Keys.ContainsKey(text) ? 1 : 0;
        }

        return new(rate, rate / all, processes);
    }
}

/// <summary>What a fleet reads of one key.</summary>
/// <param name="ReadsPerSecond">Of all processes that told, at least.</param>
/// <param name="Share">Of their reads.</param>
/// <param name="Processes">How many told of it.</param>
internal readonly record struct FleetRate(double ReadsPerSecond, double Share, int Processes);
