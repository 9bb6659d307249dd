using Millpond.Sim.Clockwork;
using Millpond.Sim.Oracles;

namespace Millpond.Sim.Database;

/// <summary>One query under way: it reads at one instant, and ends once.</summary>
internal sealed class Query(LoadMeter meter, IReadOnlyList<Item> items, History history, Agenda agenda)
{
    // Not of the surroundings: a query belongs to the application. One await each, so it completes where it is completed.
    private readonly TaskCompletionSource<Row?[]> _answer = new();
    private CancellationTokenRegistration _registration;
    private Row?[] _rows = [];

    public LoadMeter Meter => meter;

    public Task<Row?[]> Answer => _answer.Task;

    /// <summary>Ends as soon as the token says so; a query that heeds no token comes back when nobody waits for it.</summary>
    public void Heed(CancellationToken cancellationToken) =>
        _registration = cancellationToken.UnsafeRegister((_, token) => End(() => _answer.TrySetCanceled(token)), null);

    public void Read()
    {
        _rows = [.. items.Select(item => item.History.Current)];
        for (var index = 0; index < _rows.Length; index++)
            history.Note(agenda.Now, What.LoadRead, meter.Process, items[index], _rows[index]?.Mark ?? 0);
    }

    public void End(bool fails)
    {
        _registration.Dispose();
        End(() => fails ? _answer.TrySetException(new IOException("The simulated source failed.")) : _answer.TrySetResult(_rows));
    }

    private void End(Func<bool> complete)
    {
        if (_answer.Task.IsCompleted)
            return;
        history.Note(agenda.Now, What.LoadEnded, meter.Process, items[0]);
        // Counted out first, because completing runs what waited, and that may begin the next load.
        meter.Leave();
        complete();
    }
}
