using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Catalog.Database;
using Catalog.Instances;
using Microsoft.Data.Sqlite;

namespace Catalog.Tests;

/// <summary>Real processes, one after the other, on one folder.</summary>
public sealed class TheRestart : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 120_000)]
    public async Task A_process_begins_with_what_the_one_before_held_whether_or_not_one_was_killed_in_between()
    {
        _folder.CopyLists();
        await using (ShopProcess first = await ShopProcess.StartAsync(_folder.Path))
        {
            await first.UntilReadyAsync();
            Assert.Equal(0, (await first.FiguresAsync()).Loads);
            await first.ReadAsync(1);
            await first.ReadAsync(2);
        }

        Assert.True(File.Exists(_folder.In("keys/2/default.product.keys")));
        await using (ShopProcess second = await ShopProcess.StartAsync(_folder.Path))
        {
            await second.UntilReadyAsync();
            await second.KillAsync();
        }

        await using ShopProcess third = await ShopProcess.StartAsync(_folder.Path);
        await third.UntilReadyAsync();
        await third.ReadAsync(1);
        await third.ReadAsync(2);
        InstanceTotals figures = await third.FiguresAsync();
        Assert.Equal((2, 0, 2), (figures.Local, figures.Misses, figures.Loads));
    }

    [Fact(Timeout = 180_000)]
    public async Task Page_views_are_right_after_the_program_was_killed_in_the_middle_and_started_again()
    {
        const int Kills = 3;
        const int Looks = 20;
        _folder.CopyLists();
        for (int n = 0; n < Kills; n++)
        {
            await using ShopProcess killed = await ShopProcess.StartAsync(_folder.Path);
            await killed.UntilReadyAsync();
            for (int look = 0; look < Looks; look++)
            {
                await killed.ReadAsync((look % 3) + 1);
            }

            // A batch gathers for a second, so most of these are in the journal alone.
            await killed.KillAsync();
        }

        await using (ShopProcess last = await ShopProcess.StartAsync(_folder.Path))
        {
            await last.UntilReadyAsync();
            await last.ReadAsync(1);
        }

        // A view is counted between its page and the next one on the connection; of each killed process's last page nobody knows whether that came to pass.
        Assert.InRange(Views(), (Kills * (Looks - 1)) + 1, (Kills * Looks) + 1);
    }

    public void Dispose() => _folder.Dispose();

    private long Views()
    {
        using var connection = new SqliteConnection($"Data Source={_folder.In("views.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT sum(views) FROM page_views";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The program, as the first instance starts others: it ends when its standard input does.</summary>
    private sealed class ShopProcess : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly HttpClient _client;

        private ShopProcess(Process process, Uri address) => (_process, _client) = (process, new HttpClient { BaseAddress = address });

        public static async Task<ShopProcess> StartAsync(string folder)
        {
            string[] arguments = [typeof(CatalogRun).Assembly.Location, "--port", "0", "--no-load", "--instance", "2", "--data", folder];
            Process process = Process.Start(new ProcessStartInfo(DotNet, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            while (await process.StandardOutput.ReadLineAsync(Cancellation) is { } line)
            {
                if (line.StartsWith("listening on ", StringComparison.Ordinal))
                {
                    return new ShopProcess(process, new Uri(line["listening on ".Length..]));
                }
            }

            throw new InvalidOperationException("It ended before it listened.");
        }

        public async Task UntilReadyAsync()
        {
            while (await StatusOfAsync("/ready") != HttpStatusCode.OK)
            {
            }
        }

        public async Task ReadAsync(int id) => Assert.NotNull(await _client.GetFromJsonAsync<Product>($"/products/{id}", Cancellation));

        public async Task<InstanceTotals> FiguresAsync() =>
            await _client.GetFromJsonAsync<InstanceTotals>("/figures", Cancellation) ?? throw new InvalidOperationException("No figures.");

        public async Task KillAsync()
        {
            _process.Kill();
            await _process.WaitForExitAsync(Cancellation);
        }

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            if (!_process.HasExited)
            {
                _process.StandardInput.Close();
                await _process.WaitForExitAsync(CancellationToken.None);
            }

            _process.Dispose();
        }

        private static string DotNet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

        private async Task<HttpStatusCode> StatusOfAsync(string path)
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
            return response.StatusCode;
        }
    }
}
