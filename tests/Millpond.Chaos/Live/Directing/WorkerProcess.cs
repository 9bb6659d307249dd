using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Millpond.Chaos.Live.Working;

namespace Millpond.Chaos.Live.Directing;

/// <summary>A worker, as its director sees it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _errors = new();

    private WorkerProcess(WorkerOptions options, Process process) => (Options, _process) = (options, process);

    public WorkerOptions Options { get; }

    public int Number => Options.Process;

    /// <summary>What it said went wrong, at most the last twenty lines.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public static async Task<WorkerProcess> StartAsync(WorkerOptions options)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        foreach (var argument in options.Arguments())
        {
            start.ArgumentList.Add(argument);
        }

        // It shares two cores with everybody else: background compilation would only delay what is measured.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        var worker = new WorkerProcess(options, Process.Start(start) ?? throw new InvalidOperationException("A worker did not start."));
        worker._process.ErrorDataReceived += (_, line) => worker.Note(line.Data);
        worker._process.BeginErrorReadLine();
        await worker.HearAsync("ready");
        return worker;
    }

    public async Task<string> AskAsync(string line, string? answer = null)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await HearAsync(answer);
    }

    public async Task<string> HearAsync(string? answer = null)
    {
        var heard = await _process.StandardOutput.ReadLineAsync().WaitAsync(AnswerMax);
        return heard is not null && (answer is null || heard == answer) ? heard
            : throw new InvalidOperationException($"Worker {Number} said '{heard ?? "nothing more"}' where '{answer}' was expected:\n{string.Join('\n', _errors)}");
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public Task PauseAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await _process.StandardInput.WriteLineAsync("end");
            await _process.StandardInput.FlushAsync();
            using var patience = new CancellationTokenSource(AnswerMax);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
                throw new InvalidOperationException($"Worker {Number} did not end.");
            }
        }

        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            _errors.Enqueue(line);
            while (_errors.Count > 200)
            {
                _errors.TryDequeue(out _);
            }
        }
    }
}
