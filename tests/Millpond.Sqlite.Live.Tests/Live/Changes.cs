using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millpond.Feeds;

namespace Millpond.Sqlite.Live.Tests.Live;

/// <summary>A cache in front of a SQLite database that other programs write to, in ways that hide changes from ordinary triggers.</summary>
public sealed class Changes : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = new();
    private readonly ServiceProvider _services;
    private readonly IKeyspace<int, string> _things;

    public Changes()
    {
        _database.Run("INSERT INTO things VALUES (1, 7, 'a'), (2, 8, 'b')");
        _services = Build();
        _things = _services.GetRequiredService<IKeyspace<int, string>>();
    }

    [Fact]
    public async Task A_row_changed_by_another_program_is_read_anew()
    {
        await FollowingAsync();
        Assert.Equal("7/a", await _things.GetAsync(1));
        Assert.Null(await _things.GetAsync(3));
        _database.Run("UPDATE things SET note = 'changed' WHERE id = 1", "INSERT INTO things VALUES (3, 7, 'new')");
        await EventuallyAsync(async () => await _things.GetAsync(1) == "7/changed" && await _things.GetAsync(3) == "7/new");
        _database.Run("DELETE FROM things");
        await EventuallyAsync(async () => await _things.GetAsync(1) is null && await _things.GetAsync(2) is null);
    }

    [Fact]
    public async Task What_the_shell_of_sqlite_changes_is_read_anew()
    {
        await FollowingAsync();
        Assert.Equal("7/a", await _things.GetAsync(1));
        Assert.Null(await _things.GetAsync(3));
        await _database.ShellAsync("UPDATE things SET note = 'typed' WHERE id = 1; INSERT INTO things VALUES (3, 7, 'new');");
        await EventuallyAsync(async () => await _things.GetAsync(1) == "7/typed" && await _things.GetAsync(3) == "7/new");
        await _database.ShellAsync("BEGIN; UPDATE things SET note = 'never' WHERE id = 1; ROLLBACK; INSERT OR REPLACE INTO things VALUES (3, 8, 'b'); DELETE FROM things WHERE id = 2;");
        await EventuallyAsync(async () => await _things.GetAsync(3) == "8/b" && await _things.GetAsync(2) is null);
        Assert.Equal("7/typed", await _things.GetAsync(1));
    }

    [Fact]
    public async Task A_row_that_is_replaced_ends_what_stood_in_its_way()
    {
        _database.Run("CREATE UNIQUE INDEX by_note ON things(note)");
        await FollowingAsync();
        Assert.Equal("7/a", await _things.GetAsync(1));
        Assert.Equal("8/b", await _things.GetAsync(2));

        // Takes away row 1 by its key and row 2 by its note, and tells delete triggers of neither.
        _database.Run("INSERT OR REPLACE INTO things VALUES (1, 9, 'b')");
        await EventuallyAsync(async () => await _things.GetAsync(1) == "9/b" && await _things.GetAsync(2) is null);
    }

    [Fact]
    public async Task A_table_that_is_made_anew_is_doubted_and_followed_again()
    {
        await FollowingAsync();
        Assert.Equal("7/a", await _things.GetAsync(1));
        _database.Run(
            "BEGIN IMMEDIATE", "CREATE TABLE anew(id INTEGER PRIMARY KEY, grp INTEGER NOT NULL, note TEXT NOT NULL, more TEXT)", "INSERT INTO anew SELECT id, grp, note || '!', '' FROM things", "DROP TABLE things",
            "ALTER TABLE anew RENAME TO things", "COMMIT");
        await EventuallyAsync(async () => await _things.GetAsync(1) == "7/a!");
        _database.Run("UPDATE things SET note = 'again' WHERE id = 1");
        await EventuallyAsync(async () => await _things.GetAsync(1) == "7/again");
        Assert.True(Feed.Doubts >= 2);
    }

    [Fact]
    public async Task A50_a_database_that_is_restored_from_an_older_copy_is_doubted()
    {
        await FollowingAsync();
        await EventuallyAsync(() => new(Feed.Confirmed is not null));
        _database.KeepCopy();
        _database.Run("UPDATE things SET note = 'newer' WHERE id = 1");
        var before = Feed.Confirmed;
        await EventuallyAsync(() => new(Feed.Confirmed != before));
        await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken); // The feed writes down what is confirmed now and then.
        await _services.DisposeAsync();
        _database.RestoreCopy();
        await using var services = Build();
        await StartAsync(services);
        var cache = services.GetRequiredService<ICache>();
        await EventuallyAsync(() => new(cache.Statistics().Feeds.Single() is { State: FeedState.Following, LastDoubt: { } doubt } && doubt.Contains("restored", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_database_that_lacks_what_is_followed_is_refused_with_every_fault()
    {
        _database.Run("DROP TABLE things", "CREATE TABLE things(other TEXT)");
        await using var services = new ServiceCollection()
            .AddMillpond(m => m.AddSqliteFeed("other", _database.Path).AddKeyspace<int, string>("thing", k => k.Load((_, _) => new("x")).ChangedBy("things", "id", "group:{grp}").ChangedBy("gone", "id")))
            .BuildServiceProvider();
        await StartAsync(services);
        var cache = services.GetRequiredService<ICache>();
        await EventuallyAsync(() => new(cache.Statistics().Feeds.Single().Detail is var detail && detail.Contains("no column id", StringComparison.Ordinal) && detail.Contains("no column grp", StringComparison.Ordinal) && detail.Contains("no table gone", StringComparison.Ordinal)));
    }

    [Fact]
    public void Options_with_faults_are_refused_with_all_of_them()
    {
        var refused = Assert.Throws<MillpondException>(() => new ServiceCollection().AddMillpond(m => m.AddSqliteFeed("shop", " ", o => o with { PollPeriod = TimeSpan.Zero, ChangesKeptMax = 1 })));
        Assert.Equal(ErrorCode.InvalidConfiguration, refused.Code);
        Assert.All((string[])["no path", "PollPeriod", "ChangesKeptMax"], said => Assert.Contains(said, refused.Message, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        _database.Dispose();
    }

    private ServiceProvider Build() => new ServiceCollection()
        .AddMillpond(m => m.AddSqliteFeed("shop", _database.Path).AddKeyspace<int, string>("thing", k => k
            .Load((id, _) => new(Read(id)))
            .Tags((_, value) => [$"group:{value.Split('/')[0]}"])
            .ChangedBy("things", "id", "group:{grp}")))
        .BuildServiceProvider();

    private FeedStatistics Feed => _services.GetRequiredService<ICache>().Statistics().Feeds.Single();

    private async Task FollowingAsync()
    {
        await StartAsync(_services);
        await EventuallyAsync(() => new(Feed is { State: FeedState.Following, Lag: not null }));
    }

    private static async Task StartAsync(IServiceProvider services)
    {
        foreach (var one in services.GetServices<IHostedService>())
        {
            await one.StartAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task EventuallyAsync(Func<ValueTask<bool>> holds)
    {
        for (var i = 0; i < 1_000; i++)
        {
            if (await holds())
            {
                return;
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Fail("It did not come about within 20 seconds.");
    }

    private string? Read(int id)
    {
        using var connection = _database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT grp || '/' || note FROM things WHERE id = $id";
        command.Parameters.AddWithValue("$id", id);
        return (string?)command.ExecuteScalar();
    }
}
