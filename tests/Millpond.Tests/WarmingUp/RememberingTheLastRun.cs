using Millpond.Events;
using Millpond.Tests.HotKeys;
using Millpond.Tests.Rig;

namespace Millpond.Tests.WarmingUp;

/// <summary>What one run of a program leaves behind for the next.</summary>
public sealed class RememberingTheLastRun : IDisposable
{
    private readonly Folder _folder = new();

    [Fact]
    public void The_next_run_has_what_this_one_held_in_order_of_use() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var first = NewProcess(caches, source);
        await first.StartAndWarmUpAsync();
        await first.Things.GetManyAsync([.. Enumerable.Range(0, 300)]);
        await first.Things.GetManyAsync([1_999, 5_000]);
        for (var n = 0; n < 4; n++)
        {
            await first.Things.GetAsync(17);
        }

        await first.Services.DisposeAsync();
        var left = Assert.Single(first.Heard.All<KeysLeftBehind>());
        Assert.Equal((301, null), (left.Held, left.Failure));
        Assert.Equal(["default.thing.keys"], _folder.Files);

        source.Asked.Clear();
        var second = NewProcess(caches, source);
        Assert.Equal((WarmUpState.Complete, 301, 301), await second.StartAndWarmUpAsync() is var figures ? (figures.State, figures.Keys, figures.Loaded) : default);
        Assert.Equal(17, source.Asked[0][0]);
        Assert.True(second.Things.TryPeek(299, out _));
    });

    [Fact]
    public void No_more_are_left_than_the_next_run_would_read() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var first = NewProcess(caches, source, w => w.Within(o => o.KeysMax = 5));
        await first.StartAndWarmUpAsync();
        await first.Things.GetManyAsync([.. Enumerable.Range(0, 100)]);
        await first.Things.GetAsync(42);
        await first.Services.DisposeAsync();
        Assert.Equal(5, Assert.Single(first.Heard.All<KeysLeftBehind>()).Held);

        var second = NewProcess(caches, source);
        Assert.Equal(5, (await second.StartAndWarmUpAsync()).Keys);
        Assert.True(second.Things.TryPeek(42, out _));
    });

    [Fact]
    public void The_most_read_keys_are_known_again_though_nothing_was_read_for_long() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var first = NewProcess(caches, source, null);
        await first.StartAndWarmUpAsync();
        await FindingHotKeys.ReadAsync(caches, first.Things, 2_000, (n, random) => n % 2 == 0 ? 7 : random.Next(100, 2_000), readsPerStep: 8);
        caches.Advance(TimeSpan.FromMinutes(10));
        await first.Services.DisposeAsync();
        Assert.InRange(Assert.Single(first.Heard.All<KeysLeftBehind>()).MostRead, 1, 128);

        source.Asked.Clear();
        var second = WarmProcess.In(caches, source, w => w.MostReadInLastRun(), options: o => o.SnapshotFolder = _folder.Path);
        Assert.InRange((await second.StartAndWarmUpAsync()).Loaded, 1, 128);
        Assert.Equal(7, source.Asked[0][0]);
    });

    [Fact]
    public void A_run_that_ends_before_it_is_warm_hands_on_what_it_was_given() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var first = NewProcess(caches, source);
        await first.StartAndWarmUpAsync();
        await first.Things.GetManyAsync([.. Enumerable.Range(0, 300)]);
        await first.Services.DisposeAsync();

        var second = NewProcess(caches, source, batches: false);
        await second.Things.GetAsync(1_500);
        source.Hold();
        await second.StartAsync();
        caches.Settle();
        await second.Services.DisposeAsync();
        source.Release();
        Assert.Equal(WarmUpState.Stopped, Assert.Single(second.Heard.All<WarmUpEnded>()).Figures.State);

        var third = NewProcess(caches, source);
        Assert.Equal(301, (await third.StartAndWarmUpAsync()).Keys);
        Assert.True(third.Things.TryPeek(1_500, out _) && third.Things.TryPeek(299, out _));
    });

    [Fact]
    public void A_run_that_held_nothing_leaves_what_was_there_and_so_does_one_that_never_began() => Caches.Run(async caches =>
    {
        var source = WarmProcess.Full();
        var first = NewProcess(caches, source);
        await first.StartAndWarmUpAsync();
        await first.Things.GetManyAsync([1, 2, 3]);
        await first.Services.DisposeAsync();

        var second = NewProcess(caches, source);
        await second.StartAndWarmUpAsync();
        await second.Things.InvalidateManyAsync([1, 2, 3]);
        Assert.Equal(0, second.Statistics.LocalEntries);
        await second.Services.DisposeAsync();
        var third = NewProcess(caches, source);
        await third.Things.GetAsync(9);
        await third.Services.DisposeAsync();

        Assert.Equal(3, (await NewProcess(caches, source).StartAndWarmUpAsync()).Keys);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_is_torn_or_cannot_be_read_is_told_and_the_start_goes_on(bool isFolder) => Caches.Run(async caches =>
    {
        if (isFolder)
        {
            Directory.CreateDirectory(_folder["default.thing.keys"]);
        }
        else
        {
            File.WriteAllText(_folder["default.thing.keys"], "MILLPOND KEYS 1\n, and then the power failed");
        }

        var process = NewProcess(caches, WarmProcess.Full(), w => w.Keys([1]));
        var figures = await process.StartAndWarmUpAsync();
        Assert.Equal((WarmUpState.Complete, 1), (figures.State, figures.Loaded));
        Assert.Equal(isFolder ? 0 : 1, figures.SourcesFailed);
        Assert.Equal(isFolder ? [] : ["the last run"], process.Heard.All<WarmUpSourceFailed>().Select(told => told.Source));

        await process.Services.DisposeAsync();
        Assert.Equal(isFolder, Assert.Single(process.Heard.All<KeysLeftBehind>()).Failure is not null);
    });

    [Fact]
    public void Keys_of_another_type_are_passed_over() => Caches.Run(async caches =>
    {
        new Millpond.WarmingUp.KeyFile(_folder["default.thing.keys"], "millpond:thing").Write(new([], ["1", "two", "3:4", "5"]));
        Assert.Equal(2, (await NewProcess(caches, WarmProcess.Full()).StartAndWarmUpAsync()).Keys);
    });

    public void Dispose() => _folder.Dispose();

    private WarmProcess NewProcess(Caches caches, Source source, Action<WarmUpBuilder<int>>? more = null, bool batches = true) => WarmProcess.In(
        caches, source,
        w =>
        {
            w.HeldInLastRun();
            more?.Invoke(w);
        },
        options: o => o.SnapshotFolder = _folder.Path, batches: batches);
}
