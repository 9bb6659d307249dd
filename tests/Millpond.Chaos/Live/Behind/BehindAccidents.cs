using Millpond.Engines.Live;

namespace Millpond.Chaos.Live.Behind;

/// <summary>What may happen in a campaign of write-behind, each drawn with its victim and its length.</summary>
/// <param name="only">Only accidents whose name contains this.</param>
/// <param name="stores">The servers.</param>
/// <param name="writers">The processes.</param>
/// <param name="random">Of the campaign's seed.</param>
internal sealed class BehindAccidents(string only, BehindStores stores, WriterProcess[] writers, Random random)
{
    // In which a commit, or a successor, comes to where it is held up.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    public (string Name, Func<Task> Happen) Draw()
    {
        var possible = All(writers[random.Next(writers.Length)], TimeSpan.FromSeconds(0.2 + (3 * random.NextDouble()))).Where(one => one.Name.Contains(only, StringComparison.Ordinal)).ToArray();
        return possible.Length > 0 ? possible[random.Next(possible.Length)] : throw new FormatException($"No accident of this set-up has '{only}' in its name.");
    }

    private IEnumerable<(string Name, Func<Task> Happen)> All(WriterProcess writer, TimeSpan lasting)
    {
        yield return ("writer killed", () => KilledAsync(writer));
        yield return ("writer killed", () => KilledAsync(writer));
        yield return ("writer paused", () => PausedAsync(writer.PauseAsync, writer.ResumeAsync, lasting));
        yield return ("database locked", () => stores.LockAsync(() => Task.Delay(lasting)));
        if (stores.Redis is { } redis)
        {
            yield return ("redis killed", () => RestartedAsync(redis.KillAsync, redis.LaunchAsync, lasting / 3));
            yield return ("redis paused", () => PausedAsync(redis.PauseAsync, redis.ResumeAsync, lasting));
        }

        if (stores.Postgres is { } postgres)
        {
            yield return ("postgres killed", () => RestartedAsync(postgres.KillAsync, postgres.LaunchAsync, lasting / 3));
            yield return ("postgres paused", () => PausedAsync(postgres.PauseAsync, postgres.ResumeAsync, lasting * 2));
            yield return ("postgres paused, writer killed", () => FrozenAsync(postgres, () => KilledAsync(writer), lasting));
            yield return ("postgres paused, writer paused", async () =>
            {
                await FrozenAsync(postgres, writer.PauseAsync, lasting);
                await writer.ResumeAsync();
            });
        }
    }

    private static async Task KilledAsync(WriterProcess writer)
    {
        await writer.KillAsync();
        writer.Start();
    }

    private static async Task PausedAsync(Func<Task> pause, Func<Task> resume, TimeSpan time)
    {
        await pause();
        await Task.Delay(time);
        await resume();
    }

    /// <summary>The database is frozen, with commits under way, until a lead that nobody keeps is over; it wakes up, a successor comes to its door, and only then they come about.</summary>
    private Task FrozenAsync(PostgresServer postgres, Func<Task> meanwhile, TimeSpan longer) => stores.HoldCommitsAsync(async () =>
    {
        await Task.Delay(Moment);
        await postgres.PauseAsync();
        await meanwhile();
        await Task.Delay(BehindWorker.LeadTime + longer);
        await postgres.ResumeAsync();
        await Task.Delay(Moment);
    });

    private static async Task RestartedAsync(Func<Task> kill, Func<Task> launch, TimeSpan time)
    {
        await kill();
        await Task.Delay(time);
        await launch();
    }
}
