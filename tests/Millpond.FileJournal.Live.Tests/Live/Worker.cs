using System.Diagnostics;
using System.Globalization;

namespace Millpond.FileJournal.Live.Tests.Live;

/// <summary>A process that writes behind, to be killed; and what it said until then, over all its lives.</summary>
internal sealed class Worker(string folder, string database)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, int> _begun = [];
    private readonly Dictionary<int, int> _acknowledged = [];
    private readonly List<string> _complaints = [];
    private int _said;

    /// <summary>By key: how many writes were begun and said so before.</summary>
    public IReadOnlyDictionary<int, int> Begun => _begun;

    /// <summary>By key: how many writes were acknowledged.</summary>
    public IReadOnlyDictionary<int, int> Acknowledged => _acknowledged;

    /// <summary>By key: the newest value that was acknowledged.</summary>
    public Dictionary<int, int> NewestAcknowledged { get; } = [];

    /// <summary>By key: the newest value that was begun.</summary>
    public Dictionary<int, int> NewestBegun { get; } = [];

    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Runs it until it has acknowledged so many writes, and kills it in the midst of the next ones.</summary>
    public async Task RunAndKillAsync(int from, int writers, int acknowledgements)
    {
        using var process = Start(from, writers);
        var enough = Volatile.Read(ref _said) + acknowledgements;
        for (var waited = 0; Volatile.Read(ref _said) < enough; waited++)
        {
            Assert.False(process.HasExited, $"The worker ended by itself: {string.Join("; ", _complaints)}");
            Assert.True(waited < 6000, "The worker acknowledges nothing.");
            await Task.Delay(10);
        }

        process.Kill();
        await process.WaitForExitAsync();

        // The pipe has what was written before the kill; reading it to its end is what this overload waits for.
        process.WaitForExit();
    }

    /// <summary>Starts it once more, to flush what is left.</summary>
    public async Task FlushAsync()
    {
        using var process = Start(0, 0);
        await process.WaitForExitAsync();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private Process Start(int from, int writers)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Millpond.FileJournal.Worker", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "Millpond.FileJournal.Worker.dll");
        var process = Process.Start(new ProcessStartInfo("dotnet", [program, folder, database, from.ToString(CultureInfo.InvariantCulture), writers.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Hear(line.Data);
        process.ErrorDataReceived += (_, line) => Complain(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private void Hear(string? line)
    {
        if (line?.Split(' ') is not [var what, var key, var value] || !int.TryParse(key, out var of) || !int.TryParse(value, out var n))
        {
            // The kill may cut a line in two.
            return;
        }

        lock (_gate)
        {
            switch (what)
            {
                case "?":
                    _begun[of] = _begun.GetValueOrDefault(of) + 1;
                    NewestBegun[of] = n;
                    break;
                case "ok":
                    _acknowledged[of] = _acknowledged.GetValueOrDefault(of) + 1;
                    NewestAcknowledged[of] = n;
                    Interlocked.Increment(ref _said);
                    break;
                default:
                    _complaints.Add(line);
                    break;
            }
        }
    }

    private void Complain(string? line)
    {
        if (line is not null)
        {
            lock (_gate)
            {
                _complaints.Add(line);
            }
        }
    }
}
