using Millpond.Events;
using Millpond.Runtime;

namespace Millpond.Auditing;

/// <summary>
/// Compares what this process and the shared tier would serve with the source, some keys a second, for as long as the cache lives. A key that differs is looked at again after 1 second, 10 seconds, 1 minute and 5
/// minutes, as changes take a moment to arrive; so its figures say which share of what is served is right, and how soon the rest becomes so.
/// </summary>
internal sealed class Auditor(IReadOnlyList<IAuditedKeyspace> keyspaces, Func<AuditOptions> options, Surroundings surroundings, CacheListener listener, CancellationToken lifetime)
{
    // One line in the log for each keyspace and minute, however many keys differ.
    private static readonly TimeSpan TellPeriod = TimeSpan.FromMinutes(1);

    // However seldom it is to look: that it is turned off, or looks oftener, is noticed no later.
    private const double SecondsMax = 600;

    private readonly PriorityQueue<Suspect, long> _suspects = new();
    private readonly HashSet<(string Keyspace, string Key)> _followed = [];
    private readonly Dictionary<string, long> _toldAt = new(StringComparer.Ordinal);
    private int _next;
    private int _running;

    public IReadOnlyList<AuditStatistics> Statistics() => [.. keyspaces.Select(one => one.Tally.Statistics()).Where(one => one.Checks + one.Unknown > 0)];

    /// <summary>Begins, if it is on and has not begun.</summary>
    public void Start()
    {
        if (keyspaces.Count > 0 && options().ChecksPerSecond > 0 && Interlocked.Exchange(ref _running, 1) == 0)
        {
            surroundings.RunAside(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        try
        {
            for (var nextAt = long.MaxValue; options().ChecksPerSecond is var rate and > 0;)
            {
                var now = surroundings.Now;
                nextAt = Math.Clamp(nextAt, now, now + (long)(Math.Min(1 / rate, SecondsMax) * TimeSpan.TicksPerSecond));
                await surroundings.Delay(UntilNext(nextAt, now), lifetime).ConfigureAwait(false);
                await LookAgainAsync().ConfigureAwait(false);
                if (surroundings.Now >= nextAt)
                {
                    nextAt = surroundings.Now + (long)(TimeSpan.TicksPerSecond / rate);
                    await LookAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception) when (lifetime.IsCancellationRequested)
        {
            // The cache has ended, and whatever was under way with it.
        }
        finally
        {
            Volatile.Write(ref _running, 0);
        }
    }

    /// <summary>Until the next key is due, one that differed or a new one. In whole milliseconds, because timers know no less.</summary>
    private TimeSpan UntilNext(long nextAt, long now) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, Math.Min(nextAt, _suspects.TryPeek(out _, out var due) ? due : long.MaxValue) - now) / (double)TimeSpan.TicksPerMillisecond));

    /// <summary>Looks at a key of the next keyspace that has one, unless it is followed already.</summary>
    private async ValueTask LookAsync()
    {
        for (var tried = 0; tried < keyspaces.Count; tried++)
        {
            var keyspace = keyspaces[_next++ % keyspaces.Count];
            if (keyspace.Draw() is { } key)
            {
                var drawn = new Suspect(keyspace.Tally, key, surroundings.Now);
                if (!_followed.Contains(drawn.Name))
                {
                    await LookAsync(drawn).ConfigureAwait(false);
                }

                return;
            }
        }
    }

    /// <summary>Looks again at the keys whose time it is.</summary>
    private async ValueTask LookAgainAsync()
    {
        while (_suspects.TryPeek(out var suspect, out var due) && due <= surroundings.Now)
        {
            _suspects.Dequeue();
            _followed.Remove(suspect.Name);
            suspect.Tally.Suspects--;
            await LookAsync(suspect).ConfigureAwait(false);
        }
    }

    private async ValueTask LookAsync(Suspect suspect)
    {
        AuditLook look;
        Explanation? explanation = null;
        try
        {
            look = await suspect.Key.CompareAsync(lifetime).ConfigureAwait(false);
            explanation = look.Outcome == AuditOutcome.Differs ? await suspect.Key.ExplainAsync(lifetime).ConfigureAwait(false) : null;
        }
        catch (Exception) when (!lifetime.IsCancellationRequested)
        {
            // The key's own equality or the shared tier; whatever it is, the auditor goes on.
            look = new(AuditOutcome.Unknown);
        }

        var tally = suspect.Tally;
        switch (look.Outcome)
        {
            case AuditOutcome.Nothing when suspect.Look == 0:
                break;
            case AuditOutcome.Unknown when suspect.Look == 0:
                tally.CountUnknown();
                break;
            case AuditOutcome.Unknown:
                // It has differed; what has become of that the next look tells.
                Follow(suspect);
                break;
            case AuditOutcome.Differs:
                tally.Count(suspect.Look, agreed: false);
                Note(suspect, look, explanation!);
                Follow(suspect);
                break;
            default:
                tally.Count(suspect.Look, agreed: true);
                if (suspect.Look > 2)
                {
                    tally.Keep(suspect.Finding(surroundings.Now, isInconsistent: false));
                }

                break;
        }
    }

    private void Follow(Suspect suspect)
    {
        if (++suspect.Look >= AuditTally.Looks.Length)
        {
            return;
        }

        if (suspect.Look == 1 && _suspects.Count >= options().SuspectsMax)
        {
            suspect.Tally.CountNotFollowed();
            return;
        }

        suspect.Tally.Suspects++;
        _followed.Add(suspect.Name);
        _suspects.Enqueue(suspect, suspect.Since + AuditTally.Looks[suspect.Look].Ticks);
    }

    private void Note(Suspect suspect, AuditLook look, Explanation explanation)
    {
        var now = surroundings.Now;
        suspect.Note(now, look.Tiers, explanation);
        if (suspect.Look < 2)
        {
            return;
        }

        suspect.Tally.Keep(suspect.Finding(now, isInconsistent: true));
        if (now >= _toldAt.GetValueOrDefault(suspect.Tally.Keyspace, long.MinValue))
        {
            _toldAt[suspect.Tally.Keyspace] = now + TellPeriod.Ticks;
            listener.On(new InconsistencyFound(suspect.Tally.Keyspace, now - suspect.Since, look.Tiers));
        }
    }
}

/// <summary>A key that is looked at, and if it differs again and again.</summary>
internal sealed class Suspect(AuditTally tally, IAuditedKey key, long since)
{
    private readonly List<string> _trail = [];

    public AuditTally Tally => tally;

    public IAuditedKey Key => key;

    public (string Keyspace, string Key) Name { get; } = (tally.Keyspace, key.Text);

    public long Since => since;

    /// <summary>Which look is next, from 0.</summary>
    public int Look { get; set; }

    public void Note(long now, string tiers, Explanation explanation) =>
        _trail.Add(FormattableString.Invariant($"After {TimeSpan.FromTicks(now - since).TotalSeconds:0.##} s {tiers} differed from the source. {explanation}"));

    public AuditFinding Finding(long now, bool isInconsistent) => new() { Key = Name.Key, For = TimeSpan.FromTicks(now - since), IsInconsistent = isInconsistent, Trail = [.. _trail] };
}
