using Millpond.Sim.Behind.Journals;
using Millpond.Sim.Behind.Sinks;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Database;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>
/// Keeps the truth that readers are judged by: a write is current from the instant at which its journal took it. Where only its own process sees what is pending, all others are judged by when the database had it.
/// </summary>
internal sealed class StateWatch(Catalogue catalogue, Space space, JournalServer journal, SinkDatabase database, Agenda agenda)
{
    private readonly Dictionary<string, Item> _byText = catalogue.Of(space).ToDictionary(item => item.Text);
    private readonly Dictionary<(Item Item, int Node), List<long>> _taken = [];

    public Item? Find(string text) => _byText.GetValueOrDefault(text);

    /// <summary>The number of the commit that a record is.</summary>
    public int Taken(string text, Row? row, int node)
    {
        var item = _byText[text];
        item.History.Add(agenda.Now, row);
        TakenFrom(item, node).Add(agenda.Now);
        return item.History.Count - 1;
    }

    /// <summary>When a node's first write since an instant was taken; null if none was.</summary>
    public long? FirstTakenSince(Item item, int node, long since) => TakenFrom(item, node).Where(at => at >= since).Cast<long?>().Min();

    public void Applied(string text, int index)
    {
        var item = _byText[text];
        (item.Elsewhere as SourceHistory)?.Reached(index, agenda.Now);
    }

    /// <summary>The database has what its journal has lost: nobody asked for it any more, but whoever asked the journal before and reads the database now is given it.</summary>
    public void Resurfaced(string text) => _byText[text].History.Add(agenda.Now, database.Row(_byText[text]));

    /// <summary>What readers saw of a key may be no more: what is pending, or what the database has, is the truth again.</summary>
    public void LookAgain(string text) => Look(_byText[text]);

    /// <summary>The journal is not what it was.</summary>
    public void LookAgain()
    {
        foreach (var item in _byText.Values)
            Look(item);
    }

    private void Look(Item item)
    {
        var row = journal.Find(item.Text) is not { } pending ? database.Row(item)
            : pending.Kind == Millpond.Journals.JournalKind.Set ? RowCodec.Only.Decode(pending.Value[sizeof(uint)..]) : null;
        if (row?.Mark != item.History.Current?.Mark)
            item.History.Add(agenda.Now, row);
    }

    private List<long> TakenFrom(Item item, int node) => _taken.TryGetValue((item, node), out var known) ? known : _taken[(item, node)] = [];
}
