using System.Globalization;
using Millpond.Journals;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>What callers were told of one journal, against what it took: what was acknowledged was taken, and what was refused was not. In between is what nobody knows, because an answer was lost or a process died.</summary>
internal sealed class Tally
{
    private readonly Dictionary<(Life Life, string Key, JournalKind Kind), Sums> _sums = [];
    private readonly HashSet<long> _taken = [];
    private readonly HashSet<long> _acknowledged = [];
    private readonly HashSet<long> _refused = [];

    public long Acknowledged { get; private set; }

    public long Refused { get; private set; }

    public long Buried { get; set; }

    public long Discarded { get; set; }

    public long Lost { get; set; }

    public void Took(Life life, JournalRecord record, long mark)
    {
        Of(life, record.Key, record.Kind).Taken += Amount(record.Kind, record.Delta);
        if (record.Kind == JournalKind.Set)
            _taken.Add(mark);
    }

    public void Begun(Life life, string key, JournalKind kind, long delta) => Of(life, key, kind).Begun += Amount(kind, delta);

    public void WasAcknowledged(Life life, string key, JournalKind kind, long delta, long mark)
    {
        Acknowledged++;
        Of(life, key, kind).Acknowledged += Amount(kind, delta);
        if (kind == JournalKind.Set)
            _acknowledged.Add(mark);
    }

    public void WasRefused(Life life, string key, JournalKind kind, long delta, long mark)
    {
        Refused++;
        Of(life, key, kind).Begun -= Amount(kind, delta);
        if (kind == JournalKind.Set)
            _refused.Add(mark);
    }

    public void Judge(string name, Action<string> report)
    {
        if (_acknowledged.FirstOrDefault(mark => !_taken.Contains(mark)) is var lost and not 0)
            report(string.Create(CultureInfo.InvariantCulture, $"#{lost} of {name} was acknowledged, and the journal never took it."));
        if (_refused.FirstOrDefault(_taken.Contains) is var taken and not 0)
            report(string.Create(CultureInfo.InvariantCulture, $"#{taken} of {name} was refused, and the journal has taken it."));
        foreach (var ((life, key, kind), sums) in _sums)
        {
            if (sums.Taken < sums.Acknowledged || sums.Taken > sums.Begun)
                report(string.Create(CultureInfo.InvariantCulture, $"{life} was told of {sums.Acknowledged} by {kind} of {name}/{key}, and may have had {sums.Begun}; the journal took {sums.Taken}."));
        }
    }

    private static long Amount(JournalKind kind, long delta) => kind == JournalKind.Increment ? delta : 1;

    private Sums Of(Life life, string key, JournalKind kind) => _sums.TryGetValue((life, key, kind), out var known) ? known : _sums[(life, key, kind)] = new();

    private sealed class Sums
    {
        public long Begun { get; set; }

        public long Acknowledged { get; set; }

        public long Taken { get; set; }
    }
}
