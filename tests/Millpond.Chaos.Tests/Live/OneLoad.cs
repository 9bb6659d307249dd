using Millpond.Chaos.Live;
using Millpond.Chaos.Live.Accidents;
using Millpond.Chaos.Live.Directing;
using Millpond.Chaos.Live.Histories;
using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Tests.Live;

/// <summary>What a fleet loads when many ask for the same missing key.</summary>
public sealed class OneLoad : IAsyncLifetime
{
    private const int Processes = 4;
    private readonly string _folder = Directory.CreateTempSubdirectory("millpond-load-").FullName;
    private EngineSet _engine = null!;
    private Fleet _fleet = null!;

    public async ValueTask InitializeAsync()
    {
        Database.Create(Path.Combine(_folder, "database.db"));
        _engine = await EngineSet.StartAsync("single");
        _fleet = new Fleet(_engine.Configuration, _folder, seed: 1, bug: null);
        await _fleet.StartAsync(Processes);
    }

    public async ValueTask DisposeAsync()
    {
        await _fleet.DisposeAsync();
        await _engine.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Ten_thousand_callers_in_four_processes_share_one_load()
    {
        await _fleet.AllAsync($"read {Pond.HerdKey} 2500", "read");
        Assert.Equal(10_000, Of(What.Read, Pond.HerdKey).Count(read => read.Version == 1));
        Assert.Single(Of(What.LoadBegan, Pond.HerdKey));
    }

    [Fact]
    public async Task A_holder_killed_in_mid_load_is_followed_by_one_new_load_and_no_herd()
    {
        var began = Entry.Now;
        var holding = _fleet[0].AskAsync($"read {Pond.SlowKey} 1", "read");
        await UntilLoadingAsync();
        var others = Task.WhenAll(Enumerable.Range(1, Processes - 1).Select(i => _fleet[i].AskAsync($"read {Pond.SlowKey} 500", "read")));

        // Long enough for them to be waiting, and well within the load.
        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.Empty(Of(What.Loaded, Pond.SlowKey));
        await _fleet[0].KillAsync();
        await Assert.ThrowsAnyAsync<InvalidOperationException>(() => holding);
        await others;
        var loads = Of(What.LoadBegan, Pond.SlowKey);
        Assert.Equal(2, loads.Length);
        Assert.Equal(2, loads.Select(load => load.Process).Distinct().Count());
        Assert.Equal(1_500, Of(What.Read, Pond.SlowKey).Length);
        Assert.Empty(Of(What.ReadFailed, Pond.SlowKey));

        // The lease lives for so long after the last sign of its holder; then one of those who wait has it within a poll.
        Assert.True(loads[1].Began - began < Entry.Of(Pond.LeaseTime + TimeSpan.FromSeconds(4)), "The new load began late.");
    }

    private async Task UntilLoadingAsync()
    {
        while (Of(What.LoadBegan, Pond.SlowKey).Length == 0)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private Entry[] Of(What what, int key) =>
        [.. Enumerable.Range(1, Processes).SelectMany(process => HistoryFile.Read(WorkerOptions.HistoryPathOf(_folder, process))).Where(entry => entry.What == what && entry.Key == key)];
}
