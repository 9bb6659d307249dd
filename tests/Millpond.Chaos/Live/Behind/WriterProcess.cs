using System.Diagnostics;
using System.Globalization;

namespace Millpond.Chaos.Live.Behind;

/// <summary>One place where writers run, process after process.</summary>
internal sealed class WriterProcess(int number, string journal, string database, Acknowledgements told)
{
    // Values rise over the lives: what a dead process had begun is below what the next one begins with.
    private const int ValuesOfALife = 100_000;

    // For how long nothing may become less of what is left. How long the flush takes in all is a matter of how much there is.
    private static readonly TimeSpan StandstillMax = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(100);

    private readonly FlushProgress _progress = new();
    private Process? _process;
    private int _lives;

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[typeof(WriterProcess).Assembly.Location, "behind-worker", journal, database, number.ToString(CultureInfo.InvariantCulture), (++_lives * ValuesOfALife).ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["DOTNET_TieredPGO"] = "0";
        var process = Process.Start(start) ?? throw new InvalidOperationException("A writer did not start.");
        process.OutputDataReceived += (_, line) =>
        {
            told.Hear(line.Data);
            _progress.Hear(line.Data);
        };
        process.ErrorDataReceived += (_, line) => told.Complain(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();

        // The pipe has what was written before the kill; reading it to its end is what this overload waits for.
        _process.WaitForExit();
    }

    public Task PauseAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    /// <summary>Has it write no more, flush and end.</summary>
    public async Task CalmAsync()
    {
        if (_process!.HasExited)
        {
            told.Complain($"Writer {number} ended by itself with {_process.ExitCode}.");
            return;
        }

        await _process.StandardInput.WriteLineAsync("calm");
        await _process.StandardInput.FlushAsync();
        _progress.Begin();
        while (!_process.HasExited)
        {
            if (_progress.StandsFor > StandstillMax)
            {
                told.Complain($"Writer {number} flushed nothing for {StandstillMax.TotalSeconds} s; there were left: {_progress}.");
                await KillAsync();
                return;
            }

            await Task.Delay(LookPeriod);
        }

        _process.WaitForExit();
        if (_process.ExitCode != 0)
        {
            told.Complain($"Writer {number} ended with {_process.ExitCode}.");
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
