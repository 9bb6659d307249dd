using Catalog.Database;
using Catalog.Operating;
using Millpond;
using Millpond.Server;
using Millpond.Server.Commands;

namespace Catalog.Tests;

/// <summary>The command line <c>millpond</c> against the running service, over real HTTP.</summary>
public sealed class TheOperator : IAsyncLifetime
{
    private RunningShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await RunningShop.StartAsync();

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Fact]
    public async Task A_product_is_invalidated_from_the_command_line()
    {
        var products = _shop.Service<IKeyspace<int, Product>>();
        await products.GetAsync(1, TestContext.Current.CancellationToken);
        Assert.True(products.TryPeek(1, out _));
        Assert.Equal((0, "product: 1 key and 0 tags invalidated; every process has been told.", ""), await RunAsync("invalidate", "product", "--key", "1"));
        Assert.False(products.TryPeek(1, out _));
    }

    [Fact]
    public async Task Status_and_dead_letters_are_told()
    {
        var (code, print, error) = await RunAsync("status");
        Assert.Equal((0, ""), (code, error));
        Assert.Matches("(?m)^catalogue +Following ", print);
        Assert.Matches("(?m)^views +Flushing ", print);
        Assert.Equal((0, "no dead letters", ""), await RunAsync("dead-letters", "list", "views"));
    }

    [Fact]
    public async Task Whoever_cannot_read_the_secret_is_sent_away()
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_shop.SecretFile));
        }

        await File.WriteAllTextAsync(_shop.SecretFile, "other", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await RunAsync("invalidate", "product", "--all")).Code);
    }

    private async Task<(int Code, string Print, string Error)> RunAsync(params string[] arguments)
    {
        var (print, error) = (new StringWriter(), new StringWriter());
        string[] target = ["--url", new Uri(_shop.Client.BaseAddress!, OperatorEndpoints.Prefix).AbsoluteUri, "--secret-file", _shop.SecretFile];
        int code = await CommandLine.RunAsync([.. arguments, .. target], new Terminal(print, error, _ => null, Terminal.Network));
        return (code, print.ToString().TrimEnd(), error.ToString());
    }
}
