using Millpond.Journals;
using Millpond.Redis.Journals;
using Millpond.Redis.Live.Tests.Live.Conformance;
using Millpond.Resp;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.Redis.Live.Tests.Live.Journals;

/// <summary>A journal of its own name on an engine that others use too. Leads do not run out by themselves here: an end is said to the engine, so that no slow machine ends one.</summary>
internal sealed class JournalFixture(IDeployment engine, JournalNeeds has) : IJournalFixture
{
    private static int _names;

    private RedisJournalOptions _options = new()
    {
        Connection = engine.Options.Connection with { CommandTimeout = TimeSpan.FromSeconds(30), KeepAlive = TimeSpan.FromSeconds(30) },
        Name = $"test{Interlocked.Increment(ref _names)}",
        Survives = JournalSurvival.ProcessDeath,
        LeadTime = TimeSpan.FromMinutes(1),
    };

    public JournalNeeds Has => has;

    public IWriteJournal NewJournal() => new RedisJournal(_options, null, Surroundings.Real);

    public void KeepTrail(TrailOptions trail) => _options = _options with { Trail = trail };

    public async ValueTask KillAsync(IWriteJournal journal)
    {
        await ((RedisJournal)journal).AbandonAsync();
        await TakeLeadAwayAsync();
    }

    public async ValueTask RefuseAsync(AppendRefusal refusal) => await engine.TellAsync(new RespCommand("CONFIG", "SET", "maxmemory", refusal == AppendRefusal.Begins ? 1 : 0));

    public async ValueTask TakeLeadAwayAsync() => await engine.TellAsync(new RespCommand("HSET", new JournalKeys(_options.Name).State, "holder", "nobody", "until", 0));

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public ValueTask DisposeAsync() => default;
}
