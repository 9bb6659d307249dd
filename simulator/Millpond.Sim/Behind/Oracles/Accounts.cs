using Millpond.Keys;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Behind.Oracles;

/// <summary>The books of all journals: I6 is judged by them at each commit of the database, and once more when all is quiet.</summary>
internal sealed class Accounts(Agenda agenda, History history)
{
    private readonly Dictionary<string, JournalAccount> _byIdentity = new(StringComparer.Ordinal);
    private readonly List<JournalAccount> _all = [];

    public IReadOnlyList<JournalAccount> All => _all;

    /// <summary>What was found wrong first; thrown by whoever runs the simulation.</summary>
    public BrokenOracle? Finding { get; private set; }

    public Agenda Agenda => agenda;

    public History History => history;

    public JournalAccount Open(string name)
    {
        var account = new JournalAccount(name, this);
        _all.Add(account);
        account.IsNow($"{name}-1");
        return account;
    }

    public void Name(JournalAccount account, string identity) => _byIdentity[identity] = account;

    public JournalAccount Of(string identity) => _byIdentity[identity];

    public string CounterText(string counters, int key) => KeyText<int>.Create(counters).Text(key, null);

    public void Report(Item? item, string finding) => Finding ??= new BrokenOracle("I6", item, finding);
}
