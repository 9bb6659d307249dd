namespace Millpond.Auditing;

/// <summary>What the auditor has counted of one keyspace. Written by the auditor alone, read by anybody.</summary>
internal sealed class AuditTally(string keyspace)
{
    /// <summary>When a key that differed is looked at again, after the first look.</summary>
    public static readonly TimeSpan[] Looks = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)];

    private const int FindingsMax = 16;

    private readonly Lock _gate = new();
    private readonly long[] _agreed = new long[Looks.Length];
    private readonly long[] _differed = new long[Looks.Length];
    private readonly Queue<AuditFinding> _findings = [];
    private long _unknown;
    private long _notFollowed;
    private int _suspects;

    public string Keyspace => keyspace;

    public int Suspects
    {
        get => Volatile.Read(ref _suspects);
        set => Volatile.Write(ref _suspects, value);
    }

    /// <summary>Counts a look: the first of a key, or a later one of one that differed.</summary>
    public void Count(int look, bool agreed)
    {
        lock (_gate)
        {
            (agreed ? _agreed : _differed)[look]++;
        }
    }

    public void CountUnknown() => Interlocked.Increment(ref _unknown);

    public void CountNotFollowed() => Interlocked.Increment(ref _notFollowed);

    /// <summary>Keeps what was found of a key in place of what was found of it before.</summary>
    public void Keep(AuditFinding finding)
    {
        lock (_gate)
        {
            AuditFinding[] others = [.. _findings.Where(one => one.Key != finding.Key)];
            _findings.Clear();
            foreach (var one in others.TakeLast(FindingsMax - 1).Append(finding))
            {
                _findings.Enqueue(one);
            }
        }
    }

    /// <summary>Keys that agreed with the source at one look, by its number.</summary>
    public long Agreed(int look) => Volatile.Read(ref _agreed[look]);

    public long Inconsistent => Volatile.Read(ref _differed[^1]);

    public long Unknown => Volatile.Read(ref _unknown);

    public AuditStatistics Statistics()
    {
        lock (_gate)
        {
            return new()
            {
                Keyspace = keyspace,
                Checks = _agreed[0] + _differed[0],
                ConsistentWithin = Looks.Index().ToDictionary(one => one.Item, one => ShareNeedsGate(one.Index)),
                Suspects = Suspects,
                Inconsistent = _differed[^1],
                NotFollowed = Volatile.Read(ref _notFollowed),
                Unknown = Unknown,
                Findings = [.. _findings],
            };
        }
    }

    private double ShareNeedsGate(int look)
    {
        var agreed = _agreed.Take(look + 1).Sum();
        var known = agreed + _differed[look];
        return known == 0 ? 1 : agreed / (double)known;
    }
}
