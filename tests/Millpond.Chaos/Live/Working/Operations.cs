using Millpond.Chaos.Live.Histories;

namespace Millpond.Chaos.Live.Working;

/// <summary>What an application does with the cache, written down as it returns.</summary>
internal sealed class Operations(IKeyspace<int, Row> plain, IKeyspace<int, Row> lazy, IKeyspace<int, Row> slow, Database database, HistoryFile history)
{
    public IKeyspace<int, Row> Of(int key) => Pond.IsLazy(key) ? lazy : key == Pond.SlowKey ? slow : plain;

    public async Task ReadAsync(int key, TimeSpan? accepted = null, What what = What.Read)
    {
        var began = Entry.Now;
        try
        {
            var reading = await Of(key).ReadAsync(key, accepted is { } time ? ReadOptions.AtMost(time) : default).ConfigureAwait(false);
            history.Write(new Entry
            {
                What = what, Key = key, Began = began, Ended = Entry.Now, Version = VersionOf(key, reading.Found ? reading.Value : null),
                Mark = accepted is null ? -1 : (long)accepted.Value.TotalMilliseconds, Detail = Answer.Of(reading),
            });
        }
        catch (Exception failure)
        {
            Fail(What.ReadFailed, key, began, failure);
        }
    }

    public async Task ReadManyAsync(int[] keys)
    {
        var began = Entry.Now;
        try
        {
            var rows = await Of(keys[0]).GetManyAsync(keys).ConfigureAwait(false);
            var ended = Entry.Now;
            foreach (var key in keys)
            {
                history.Write(new Entry { What = What.Read, Key = key, Began = began, Ended = ended, Version = VersionOf(key, rows.GetValueOrDefault(key)), Mark = -1 });
            }
        }
        catch (Exception failure)
        {
            Fail(What.ReadFailed, keys[0], began, failure);
        }
    }

    /// <summary>The ordinary way: commit, then say so.</summary>
    public Task WriteAsync(int key, bool present, Announcement how) => GuardedAsync(key, async () =>
    {
        // Nothing carries a tag where there was no row.
        how = Commit(key, present).WasPresent ? how : Announcement.Invalidated;
        var told = Entry.Now;
        await (how == Announcement.Tagged ? Of(key).InvalidateTagAsync($"t{Pond.TagOf(key)}") : Of(key).InvalidateAsync(key)).ConfigureAwait(false);
        history.Write(new Entry { What = What.Announced, Key = key, Began = told, Ended = Entry.Now, Detail = (int)how });
    });

    /// <summary>Under a ticket: taken before the commit, used after it.</summary>
    public Task WriteUnderTicketAsync(int key, bool present) => GuardedAsync(key, async () =>
    {
        var told = Entry.Now;
        var how = Announcement.Dropped;
        long version;
        await using (var ticket = await Of(key).BeginWriteAsync(key).ConfigureAwait(false))
        {
            version = Commit(key, present).Version;
            told = Entry.Now;
            if (present)
            {
                how = await ticket.SetAsync(new Row(key, version, "written")).ConfigureAwait(false) ? Announcement.Stored : Announcement.Refused;
            }
        }

        history.Write(new Entry { What = What.Announced, Key = key, Began = told, Ended = Entry.Now, Version = version, Detail = (int)how });
    });

    private static long VersionOf(int key, Row? row) => row is null ? -1 : row.Key == key ? row.Version : throw new InvalidOperationException($"asked for {key} and was given {row}.");

    private (long Version, bool WasPresent) Commit(int key, bool present)
    {
        var began = Entry.Now;
        var (version, wasPresent) = database.Commit(key, present, "written");
        history.Write(new Entry { What = What.Committed, Key = key, Began = began, Ended = Entry.Now, Version = version });
        return (version, wasPresent);
    }

    private async Task GuardedAsync(int key, Func<Task> write)
    {
        var began = Entry.Now;
        try
        {
            await write().ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Fail(What.WriteFailed, key, began, failure);
        }
    }

    private void Fail(What what, int key, long began, Exception failure)
    {
        history.Write(new Entry { What = what, Key = key, Began = began, Ended = Entry.Now });
        Console.Error.WriteLine($"{what} of {key}: {failure}");
    }
}
