using System.Globalization;
using Millpond.Journals;
using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Database;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>
/// What one journal has taken and what became of it, kept from what the journal and the database did and not from what the client believes. Every item that the database applies must stand for exactly the records of its key that are open: in order (A53),
/// each once (A57), none left out (A52).
/// </summary>
/// <remarks>
/// Where a journal fell back to an older copy, as one may that declares no more, records that are not in the copy are lost: they may still be applied, by a batch that was read before, and need not be. One that came back with nothing is another journal,
/// and between two journals' writes there is no order.
/// </remarks>
internal sealed class JournalAccount(string name, Accounts accounts)
{
    // By the journal's identity, then by key.
    private readonly Dictionary<string, Dictionary<string, KeyAccount>> _books = new(StringComparer.Ordinal);
    private Dictionary<string, KeyAccount> _keys = new(StringComparer.Ordinal);
    private int _falls;

    public string Name => name;

    public Tally Tally { get; } = new();

    /// <summary>What of the state that readers are judged by must follow; null for counters.</summary>
    public StateWatch? States { get; set; }

    /// <summary>The journal goes by this identity from now on, with what it has.</summary>
    public void IsNow(string identity)
    {
        _books[identity] = _keys;
        accounts.Name(this, identity);
    }

    /// <summary>It came back with nothing, as another one.</summary>
    public void BeginsAnew(string identity)
    {
        FellBack(JournalCopy.Empty);
        _keys = new(StringComparer.Ordinal);
        IsNow(identity);
    }

    public void Taken(JournalRecord record, Life life)
    {
        var row = record.Kind == JournalKind.Set ? RowCodec.Only.Decode(record.Value[sizeof(uint)..]) : null;
        var key = Of(record.Key);
        accounts.History.Note(accounts.Agenda.Now, What.Journaled, life.Node, States?.Find(record.Key), row?.Mark ?? record.Delta);
        Tally.Took(life, record, row?.Mark ?? 0);
        key.Open.Add(new TakenRecord(record.Position, record.Kind, row?.Mark ?? 0, record.Delta) { TakenIn = _falls, Index = States?.Taken(record.Key, row, life.Node) ?? 0 });
    }

    public void Applied(string identity, string text, JournalKind kind, long mark, long delta, long position, int writes)
    {
        var item = States?.Find(text);
        if (!_books[identity].TryGetValue(text, out var key))
        {
            accounts.Report(item, Words($"the database was given {name}/{text}, of which {identity} has never had a record."));
            return;
        }

        if (position <= key.AppliedThrough)
        {
            accounts.Report(item, Words($"the database was given position {position} of {name}/{text} after {key.AppliedThrough}: applied twice, or an older write after a newer one."));
            return;
        }

        var last = key.Open.Find(record => record.Position == position);
        if (last is null)
        {
            accounts.Report(item, Words($"the database was given position {position} of {name}/{text}, which the journal never took, or which is settled."));
            return;
        }

        // The batch was read after some fall and before the next one: it has all of the key that was there then. What was put aside may have been read after the fall that took its letter and left the record.
        var readIn = last.TakenIn;
        while (!Stands(key, last, readIn, writes, delta) && readIn < Math.Min(last.IsBuried ? _falls : last.LostIn - 1, _falls))
            readIn++;
        if (!Stands(key, last, readIn, writes, delta) || last.Kind != kind || last.Mark != mark)
            accounts.Report(item, Words($"the database was given #{mark} +{delta} for {writes} writes of {name}/{text} up to {position}; open were {string.Join(", ", key.Open.Where(record => record.Position <= position))}."));
        key.AppliedThrough = position;
        key.Open.RemoveAll(record => record.Position <= position && (record.LostIn > readIn || record.IsBuried));
        States?.Applied(text, last.Index);
        if (last.IsLost)
            States?.Resurfaced(text);
        if (_falls > 0)
            States?.LookAgain(text);
    }

    public void Acknowledged()
    {
        if (_falls > 0)
            States?.LookAgain();
    }

    public void Buried(JournalRecord record)
    {
        Tally.Buried++;
        accounts.History.Note(accounts.Agenda.Now, What.Buried, -1, States?.Find(record.Key), record.Position);
        if (Of(record.Key).Open.Find(one => one.Position == record.Position) is { } open)
            open.IsBuried = true;
    }

    public void LeadGiven(long token) => accounts.History.Note(accounts.Agenda.Now, What.LeadGiven, -1, null, token);

    /// <summary>Somebody asks that a key's dead letters be given up.</summary>
    public void MayDiscard(string text) => Of(text).MayBeDiscarded = true;

    public void Removed(string text, long through)
    {
        var key = Of(text);
        var open = key.Open.Where(record => record.Position <= through && !record.IsLost).ToArray();
        if (open.Length == 0)
            return;
        if (!key.MayBeDiscarded)
        {
            accounts.Report(States?.Find(text), Words($"the dead letters of {name}/{text} up to {through} were removed, and {open.Length} of them are not in the database."));
            return;
        }

        key.MayBeDiscarded = false;
        Tally.Discarded += open.Length;
        foreach (var record in open)
            // A journal that falls back may have them again.
            record.LostIn = _falls;

        States?.LookAgain(text);
    }

    public void FellBack(JournalCopy copy)
    {
        _falls++;
        var left = copy.Records.Concat(copy.Letters.Select(letter => letter.Record)).Select(record => record.Position).ToHashSet();
        var letters = copy.Letters.Select(letter => letter.Record.Position).ToHashSet();
        foreach (var record in _keys.Values.SelectMany(key => key.Open))
        {
            // What was put aside since the copy stands in it as a record that the ledger says is settled.
            if (!record.IsLost && (!left.Contains(record.Position) || (record.IsBuried && !letters.Contains(record.Position))))
            {
                record.LostIn = _falls;
                Tally.Lost++;
            }
        }

        States?.LookAgain();
    }

    /// <summary>When all is quiet: nothing that was taken and not lost is missing.</summary>
    public void JudgeRest()
    {
        foreach (var (text, key) in _keys)
        {
            if (key.Open.Find(record => !record.IsLost) is { } missing)
                accounts.Report(States?.Find(text), Words($"all is quiet, and position {missing.Position} ({missing.Kind} #{missing.Mark} +{missing.Delta}) of {name}/{text} is not in the database."));
        }

        Tally.Judge(name, finding => accounts.Report(null, finding));
    }

    private static bool Stands(KeyAccount key, TakenRecord last, int readIn, int writes, long delta)
    {
        var open = key.Open.Where(record => record.Position <= last.Position).ToArray();
        var certain = open.Where(record => record.LostIn > readIn).ToArray();
        // Put aside since the copy was taken, and in it as a plain record: settled where the ledger is past it, else read again, with all behind it.
        var perhaps = open.Where(record => record.LostIn <= readIn && record.IsBuried).Reverse().Take(writes - certain.Length).ToArray();
        return certain.Length + perhaps.Length == writes && certain.Concat(perhaps).Sum(record => record.Delta) == delta;
    }

    private KeyAccount Of(string text) => _keys.TryGetValue(text, out var key) ? key : _keys[text] = new();

    private static string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class KeyAccount
    {
        public List<TakenRecord> Open { get; } = [];

        public long AppliedThrough { get; set; }

        public bool MayBeDiscarded { get; set; }
    }
}
