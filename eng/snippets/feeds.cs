using Millpond;
using Millpond.Feeds;
using Microsoft.Extensions.DependencyInjection;

IServiceCollection services = new ServiceCollection();
Func<IServiceProvider, IChangeFeed> theShopsLog = _ => throw new NotSupportedException("Snippets are compiled, not run.");

static class Shelf
{
    public static ValueTask<Product?> LoadAsync(int id, CancellationToken token) => throw new NotSupportedException("Snippets are compiled, not run.");
}
