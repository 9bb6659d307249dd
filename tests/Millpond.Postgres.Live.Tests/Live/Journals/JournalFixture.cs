using Millpond.Engines.Live;
using Millpond.Journals;
using Millpond.Postgres.Journals;
using Millpond.Runtime;
using Millpond.Testing.Conformance;

namespace Millpond.Postgres.Live.Tests.Live.Journals;

/// <summary>A journal in a table of its own. Leads do not run out by themselves here: an end is written to the database, so that no slow machine ends one. Appends are refused by a trigger.</summary>
internal sealed class JournalFixture(PostgresServer server) : IJournalFixture
{
    private static int _tables;

    private PostgresJournalOptions _options = new()
    {
        ConnectionString = server.ConnectionString,
        Table = $"journal_{Interlocked.Increment(ref _tables)}",
        Survives = JournalSurvival.ProcessDeath,
        LeadTime = TimeSpan.FromMinutes(1),
    };

    public JournalNeeds Has => JournalNeeds.Fleet | JournalNeeds.Refusal | JournalNeeds.LeadTaken | JournalNeeds.Trail;

    public IWriteJournal NewJournal() => new PostgresJournal(_options, Surroundings.Real);

    public void KeepTrail(TrailOptions trail) => _options = _options with { Trail = trail };

    public async ValueTask KillAsync(IWriteJournal journal)
    {
        await ((PostgresJournal)journal).AbandonAsync();
        await TakeLeadAwayAsync();
    }

    public async ValueTask RefuseAsync(AppendRefusal refusal) => await Database.RunAsync(server, refusal == AppendRefusal.Begins
        ? $"create function full_{_options.Table}() returns trigger language plpgsql as $$ begin raise disk_full; end $$; create trigger refusal before insert on {_options.Table} execute function full_{_options.Table}()"
        : $"drop trigger refusal on {_options.Table}");

    public async ValueTask TakeLeadAwayAsync() => await Database.RunAsync(server, $"update {_options.Table}_lead set holder = 'nobody', until = '-infinity'");

    public async ValueTask AdvanceAsync(TimeSpan time) => await Task.Delay(time);

    public async ValueTask DisposeAsync() => await Database.RunAsync(server, $"drop table if exists {_options.Table}, {_options.Table}_head, {_options.Table}_lead, {_options.Table}_trail, {_options.Table}_trail_head");
}
