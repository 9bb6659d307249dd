using Millpond.Journals;
using Millpond.Sim.Behind.Oracles;
using Millpond.Sim.Clockwork;
using Millpond.Sim.Network;

namespace Millpond.Sim.Behind.Journals;

/// <summary>
/// Where a journal's records are: a server that all processes ask, or the disk of one machine. What it has taken it keeps when it stops; one that declares no more may come back as an older copy, or with nothing.
/// </summary>
internal sealed class JournalServer(string name, JournalAccount account, JournalRules rules, Agenda agenda) : IServer
{
    private readonly HashSet<string> _hidden = new(StringComparer.Ordinal);
    private Backlog _backlog = new();
    private JournalCopy? _copy;
    private object? _holder;
    private long _until;
    private int _lives = 1;

    public bool IsDown { get; set; }

    public int Slowness { get; set; } = 1;

    public string Name => name;

    public JournalAccount Account => account;

    public string Identity => $"{name}-{_lives}";

    public long Token { get; private set; }

    public JournalDepth Depth => _backlog.Depth;

    public long Append(IReadOnlyList<JournalWrite> writes, Life life)
    {
        foreach (var write in writes)
        {
            var record = new JournalRecord(_backlog.Last + 1, write.Kind, write.Key, write.Value, write.Delta, agenda.UtcNow);
            _backlog.Add(record);
            _hidden.Remove(write.Key);
            account.Taken(record, life);
        }

        return _backlog.Last;
    }

    public JournalRecord? Find(string key) => _hidden.Contains(key) ? null : _backlog.Find(key);

    public IReadOnlyList<DeadLetter> DeadLetters(long after, int lettersMax) => _backlog.ReadDead(after, lettersMax);

    /// <summary>A lead with a token above all before; null while another has it.</summary>
    public JournalGrant? TryLead(object holder, long ticks)
    {
        if (_holder is not null && _holder != holder && agenda.Now < _until)
            return null;
        (_holder, _until) = (holder, Later(ticks));
        account.LeadGiven(++Token);
        return new(Identity, Token, _backlog.Acknowledged);
    }

    public bool Renew(object holder, long token, long ticks)
    {
        if (!Leads(holder, token))
            return false;
        _until = Later(ticks);
        return true;
    }

    public bool Give(object holder, long token)
    {
        if (Leads(holder, token))
            _holder = null;
        return true;
    }

    /// <summary>The process that held it is gone, and everybody who looks can see that.</summary>
    public void Free(Life life)
    {
        if (Equals(_holder, life))
            _holder = null;
    }

    public IReadOnlyList<JournalRecord> Read(string identity, long after, int recordsMax)
    {
        if (identity != Identity)
            throw new JournalException(JournalFailure.LeadLost, $"{identity} is {Identity} now.");
        var records = _backlog.Read(after, recordsMax);
        if (!rules.KeepsPendingWhileFlushed)
            _hidden.UnionWith(records.Select(record => record.Key));
        return records;
    }

    public bool HasAfter(long after) => _backlog.HasAfter(after);

    public long Acknowledge(object holder, long token, long through)
    {
        Check(holder, token);
        if (!rules.KeepsNewerPending)
            _hidden.UnionWith(_backlog.Read(_backlog.Acknowledged, int.MaxValue).TakeWhile(record => record.Position <= through).Select(record => record.Key));
        _backlog.Acknowledge(through);
        account.Acknowledged();
        return _backlog.Acknowledged;
    }

    public bool Bury(object holder, long token, IReadOnlyList<JournalRecord> records, string reason)
    {
        Check(holder, token);
        foreach (var record in records)
        {
            account.Buried(record);
            if (rules.KeepsDeadLetters)
                _backlog.Bury(new(record, reason));
        }

        return true;
    }

    public bool Remove(object holder, long token, string key, long through, Settlement settlement)
    {
        Check(holder, token);
        _backlog.Remove(key, through, settlement);
        account.Removed(key, through);
        return true;
    }

    public void TakeCopy() => _copy = JournalCopy.Of(_backlog);

    /// <summary>Comes back as it was at the last copy. What it may have given since is left out from then on, and nobody leads.</summary>
    public void FallBack()
    {
        var (last, copy) = (_backlog.Last, _copy ?? JournalCopy.Empty);
        _backlog = copy.Restored(rules.SkipAfterFallBack == 0 ? copy.Last : last + rules.SkipAfterFallBack);
        Token += rules.SkipAfterFallBack;
        _holder = null;
        _hidden.Clear();
        account.FellBack(copy);
        if (rules.IsAnotherAfterFallBack)
        {
            _lives++;
            account.IsNow(Identity);
        }
    }

    /// <summary>Comes back with nothing, as another journal.</summary>
    public void RestartEmpty()
    {
        _backlog = JournalCopy.Empty.Restored(_backlog.Last);
        (_copy, _holder) = (null, null);
        _lives++;
        account.BeginsAnew(Identity);
    }

    private bool Leads(object holder, long token) => _holder == holder && token == Token && agenda.Now < _until;

    private void Check(object holder, long token)
    {
        if (!rules.MayStep(Leads(holder, token), token, Token))
            throw new JournalException(JournalFailure.LeadLost, $"The lead with token {token} is lost; the newest is {Token}.");
    }

    private long Later(long ticks) => ticks > long.MaxValue / 2 ? long.MaxValue : agenda.Now + ticks;
}

/// <summary>A lead as it is given.</summary>
internal sealed record JournalGrant(string Identity, long Token, long Acknowledged);
