using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Working;

/// <summary>The loader: a query that takes a few milliseconds of way there and back, and writes down when.</summary>
internal sealed class Loads(Database database, HistoryFile history)
{
    private static readonly TimeSpan WayMax = TimeSpan.FromMilliseconds(6);

    public async ValueTask<Row?> LoadAsync(int key, CancellationToken cancellationToken)
    {
        var began = Entry.Now;
        history.Write(new Entry { What = What.LoadBegan, Key = key, Began = began, Ended = began });
        await Task.Delay(key == Pond.SlowKey ? Pond.SlowLoad : WayMax * Random.Shared.NextDouble(), cancellationToken).ConfigureAwait(false);
        var row = database.Find(key);
        await Task.Delay(WayMax * Random.Shared.NextDouble(), cancellationToken).ConfigureAwait(false);
        history.Write(new Entry { What = What.Loaded, Key = key, Began = began, Ended = Entry.Now, Version = row?.Version ?? -1 });
        return row;
    }
}
