using Millpond.Engines.Fake;
using Millpond.Resp.Runtime;

namespace Millpond.Resp.Tests.Connections;

/// <summary>A client of a scripted server, under a clock that stands still unless advanced.</summary>
internal sealed class Harness : IAsyncDisposable
{
    public Harness(Func<RespOptions, RespOptions>? change = null)
    {
        // Long, because the clock may run ahead of threads that are busy; tests about these times set their own.
        var options = new RespOptions { Endpoints = [new RespEndpoint("fake", 6379)], CommandTimeout = Long, ConnectTimeout = Long, KeepAlive = Long };
        Client = new RespClient(change?.Invoke(options) ?? options, Server, new RespSurroundings(Time));
    }

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(30);

    public FakeServer Server { get; } = new();

    public ManualTime Time { get; } = new();

    public RespClient Client { get; }

    /// <summary>Advances the clock until something has happened that other threads are busy with.</summary>
    public async Task AdvanceUntilAsync(Func<bool> happened, TimeSpan step)
    {
        for (var i = 0; i < 100_000 && !happened(); i++)
        {
            await AdvanceAsync(step);
        }

        Assert.True(happened(), "It did not happen, however far the clock was advanced.");
    }

    /// <summary>Advances the clock, and lets what that sets off come to rest.</summary>
    public async Task AdvanceAsync(TimeSpan step)
    {
        Time.Advance(step);
        await RestAsync();
    }

    // The clock must not run ahead of work that it has set off: yields until the pool does nothing but this, or so long that it is the other tests that keep it busy.
    private async Task RestAsync()
    {
        for (int i = 0, quiet = 0; i < 2_000 && quiet < 50; i++)
        {
            var before = ThreadPool.CompletedWorkItemCount;
            await Task.Yield();
            quiet = !Server.IsAnswering && ThreadPool.PendingWorkItemCount == 0 && ThreadPool.CompletedWorkItemCount - before <= 1 ? quiet + 1 : 0;
        }
    }

    /// <summary>Yields until something has happened that other threads are busy with, the clock standing still.</summary>
    public static async Task UntilAsync(Func<bool> happened)
    {
        for (var i = 0; i < 2_000_000 && !happened(); i++)
        {
            await Task.Yield();
        }

        Assert.True(happened(), "It did not happen.");
    }

    public async ValueTask DisposeAsync()
    {
        var disposing = Client.DisposeAsync().AsTask();
        await AdvanceUntilAsync(() => disposing.IsCompleted, TimeSpan.FromMilliseconds(100));
    }
}
