using System.Text;
using Millpond.Journals;

namespace Millpond.Testing.Conformance.Cases;

/// <summary>One run of a journal's case: the fixture, and the instances that were opened.</summary>
internal sealed class JournalCaseRun(IJournalFixture fixture)
{
    // Long enough for a lead that was lost on another machine to run out.
    private const int PollsMax = 400;

    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(50);

    private readonly List<IWriteJournal> _open = [];

    public const string Keyspace = "conformance";

    public IJournalFixture Fixture => fixture;

    public static JournalWrite Set(string key, string value) => new(JournalKind.Set, key, Encoding.UTF8.GetBytes(value));

    public static JournalWrite Delete(string key) => new(JournalKind.Delete, key, default);

    public static JournalWrite Increment(string key, long delta) => new(JournalKind.Increment, key, default, delta);

    /// <summary>A record in words, without its position.</summary>
    public static string Say(JournalRecord? record) => record is null ? "nothing"
        : record.Kind switch
        {
            JournalKind.Set => $"{record.Key}={Encoding.UTF8.GetString(record.Value.Span)}",
            JournalKind.Delete => $"{record.Key} deleted",
            _ => $"{record.Key}+{record.Delta}",
        };

    public async Task<IWriteJournal> OpenAsync(string keyspace = Keyspace)
    {
        var journal = fixture.NewJournal();
        _open.Add(journal);
        await journal.OpenAsync(keyspace, default).ConfigureAwait(false);
        return journal;
    }

    /// <summary>The lead, as soon as whoever had it is known to have lost it.</summary>
    public async Task<IJournalLead> LeadAsync(IWriteJournal journal)
    {
        for (var polls = 0; polls < PollsMax; polls++)
        {
            if (await journal.TryLeadAsync(default).ConfigureAwait(false) is { } lead)
            {
                return lead;
            }

            await fixture.AdvanceAsync(PollPeriod).ConfigureAwait(false);
        }

        throw new ConformanceException("Nobody else leads, and still the lead is not given.");
    }

    /// <summary>Kills an instance and opens the journal anew.</summary>
    public async Task<IWriteJournal> AfterKillAsync(IWriteJournal journal)
    {
        _open.Remove(journal);
        await fixture.KillAsync(journal).ConfigureAwait(false);
        return await OpenAsync().ConfigureAwait(false);
    }

    /// <summary>Closes an instance and opens the journal anew.</summary>
    public async Task<IWriteJournal> AfterRestartAsync(IWriteJournal journal)
    {
        _open.Remove(journal);
        await journal.DisposeAsync().ConfigureAwait(false);
        return await OpenAsync().ConfigureAwait(false);
    }

    public static async Task<JournalException> FailsAsync(Func<ValueTask> act, JournalFailure failure, string what)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (JournalException seen)
        {
            Expect.Equal(failure, seen.Failure, what);
            return seen;
        }

        throw new ConformanceException($"{what}: nothing was thrown.");
    }

    /// <summary>Everything that the lead reads from its acknowledged position on.</summary>
    public static async Task<IReadOnlyList<JournalRecord>> AllAsync(IJournalLead lead) => await lead.ReadAsync(lead.Acknowledged, 1000, default).ConfigureAwait(false);

    public async Task EndAsync()
    {
        foreach (var journal in _open)
        {
            await journal.DisposeAsync().ConfigureAwait(false);
        }
    }
}
