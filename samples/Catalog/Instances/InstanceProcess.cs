using System.Diagnostics;
using System.Globalization;
using Catalog.Options;

namespace Catalog.Instances;

/// <summary>
/// Another process of this program. It ends when its standard input does, so it cannot outlive the first instance however that ends.
/// </summary>
internal sealed class InstanceProcess : IAsyncDisposable
{
    /// <summary>Written before the address; <see cref="Terminal.Listening"/> writes it.</summary>
    private const string Listening = "listening on ";

    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private InstanceProcess(Process process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Starts all but the first, at once, and returns when every one listens; if one does not, none is left.</summary>
    /// <exception cref="InstanceException">One of them did not start; its own words are on the terminal.</exception>
    public static async Task<IReadOnlyList<InstanceProcess>> StartAllAsync(CatalogOptions options, CancellationToken cancellation)
    {
        Task<InstanceProcess>[] starts = [.. Enumerable.Range(2, options.Instances - 1).Select(number => StartAsync(options, number, cancellation))];
        try
        {
            return await Task.WhenAll(starts);
        }
        catch
        {
            foreach (Task<InstanceProcess> started in starts.Where(start => start.IsCompletedSuccessfully))
            {
                await (await started).DisposeAsync();
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(_process);
        _process.Dispose();
    }

    private static async Task<InstanceProcess> StartAsync(CatalogOptions options, int number, CancellationToken cancellation)
    {
        Process process = Process.Start(Command(options, number))!;
        try
        {
            while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
            {
                if (line.StartsWith(Listening, StringComparison.Ordinal))
                {
                    return new InstanceProcess(process, new Uri(line[Listening.Length..]));
                }
            }

            throw new InstanceException($"Instance {number} ended before it listened.");
        }
        catch
        {
            await EndAsync(process);
            process.Dispose();
            throw;
        }
    }

    private static ProcessStartInfo Command(CatalogOptions options, int number)
    {
        List<string> arguments =
        [
            typeof(InstanceProcess).Assembly.Location, "--port", "0", "--engine", options.Engine!, "--data", options.DataFolder,
            "--rate", Text(options.RateOf(number)), "--instance", Text(number),
        ];
        if (!options.Load)
        {
            arguments.Add("--no-load");
        }

        return new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
    }

    private static async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(EndMax);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
