using Millpond;
using Microsoft.Extensions.DependencyInjection;

IServiceCollection services = new ServiceCollection();

static class Shelf
{
    public static ValueTask<Product?> LoadAsync(int id, CancellationToken token) => throw new NotSupportedException("Snippets are compiled, not run.");
}

static class HomeShelf
{
    public static ValueTask<Product?> LoadAsync(int id, CancellationToken token) => throw new NotSupportedException("Snippets are compiled, not run.");
}
