using System.Collections.Concurrent;
using System.Globalization;

namespace Millpond.Chaos.Live.Behind;

/// <summary>What all writers were told, kept outside of them: heard from their outputs, whose last lines outlive them.</summary>
internal sealed class Acknowledgements
{
    private readonly ConcurrentDictionary<(string What, int Key), Told> _told = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private int _flushes;
    private int _acknowledged;

    public IReadOnlyDictionary<(string What, int Key), Told> All => _told;

    /// <summary>What writers saw that must not be, or said on their error output.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>How many journals were flushed to their ends, as their processes said.</summary>
    public int Flushes => Volatile.Read(ref _flushes);

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    public void Hear(string? line)
    {
        // A kill may cut a line in two.
        if (line?.Split(' ') is not [var said, var what, var key, var number] || !int.TryParse(key, CultureInfo.InvariantCulture, out var of) || !int.TryParse(number, CultureInfo.InvariantCulture, out var n))
        {
            HearShort(line);
            return;
        }

        var told = _told.GetOrAdd((what, of), _ => new Told());
        lock (told)
        {
            switch (said)
            {
                case "?":
                    told.Begun.Add(n);
                    break;
                case "ok":
                    told.Acknowledged.Add(n);
                    Interlocked.Increment(ref _acknowledged);
                    break;
                case "no":
                    told.Refused.Add(n);
                    break;
            }
        }
    }

    public void Complain(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line) && _complaints.Count < 50)
        {
            _complaints.Enqueue(line);
        }
    }

    private void HearShort(string? line)
    {
        if (line?.StartsWith("flushed ", StringComparison.Ordinal) == true)
        {
            Interlocked.Increment(ref _flushes);
        }
        else if (line?.StartsWith("dead ", StringComparison.Ordinal) == true || line?.StartsWith("seen ", StringComparison.Ordinal) == true)
        {
            Complain(line);
        }
    }
}

/// <summary>What writers were told of one key. Counts of a key that several write may come more than once with the same number.</summary>
internal sealed class Told
{
    public List<int> Begun { get; } = [];

    public List<int> Acknowledged { get; } = [];

    public List<int> Refused { get; } = [];

    /// <summary>What nobody knows: an answer was lost, or a process died before it.</summary>
    public int Unknown => Begun.Count - Acknowledged.Count - Refused.Count;
}
