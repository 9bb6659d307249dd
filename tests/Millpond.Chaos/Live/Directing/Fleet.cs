using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Live.Directing;

/// <summary>The workers of a campaign; a killed one is replaced by another with a number of its own.</summary>
internal sealed class Fleet(string engine, string folder, int seed, string? bug) : IAsyncDisposable
{
    private readonly List<WorkerProcess> _workers = [];
    private readonly List<string> _errors = [];
    private int _started;

    public int Count => _workers.Count;

    /// <summary>How many processes there ever were.</summary>
    public int Started => _started;

    /// <summary>What workers said went wrong.</summary>
    public IEnumerable<string> Errors => _errors.Concat(_workers.SelectMany(worker => worker.Errors));

    public WorkerProcess this[int index] => _workers[index];

    public async Task StartAsync(int count) => _workers.AddRange(await Task.WhenAll(Enumerable.Range(0, count).Select(_ => LaunchAsync())));

    public Task WorkAsync() => AllAsync("work", "working");

    public Task AllAsync(string line, string answer) => Task.WhenAll(_workers.Select(worker => worker.AskAsync(line, answer)));

    /// <summary>Kills one in the middle of whatever it does, and starts another.</summary>
    public async Task ReplaceAsync(int index)
    {
        await _workers[index].KillAsync();
        _errors.AddRange(_workers[index].Errors);
        await _workers[index].DisposeAsync();
        _workers[index] = await LaunchAsync();
        await _workers[index].AskAsync("work", "working");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
            _errors.AddRange(worker.Errors);
        }

        _workers.Clear();
    }

    private Task<WorkerProcess> LaunchAsync() =>
        WorkerProcess.StartAsync(new WorkerOptions { Process = Interlocked.Increment(ref _started), Seed = seed, Engine = engine, Folder = folder, Bug = bug });
}
