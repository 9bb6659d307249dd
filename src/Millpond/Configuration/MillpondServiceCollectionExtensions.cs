using Millpond;

// In the namespace where every program already looks for Add methods.
namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Millpond to a program's services.</summary>
public static class MillpondServiceCollectionExtensions
{
    /// <summary>
    /// Adds the default cache: <see cref="ICache"/>, its keyspaces, and what validates and connects them when the host starts. May be called by
    /// several parts of a program; each adds its keyspaces.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="declare">Declares keyspaces, the shared tier and options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMillpond(this IServiceCollection services, Action<MillpondBuilder>? declare = null) =>
        services.AddMillpond(Registration.DefaultName, declare);

    /// <summary>Adds a named cache with keyspaces, options and a shared tier of its own. It is a keyed service under its name; its keyspaces are under
    /// <c>{cache}/{keyspace}</c>; its configuration is the section <c>Millpond:{name}</c>.</summary>
    /// <param name="services">The program's services.</param>
    /// <param name="name">The cache's name.</param>
    /// <param name="declare">Declares keyspaces, the shared tier and options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddMillpond(this IServiceCollection services, string name, Action<MillpondBuilder>? declare = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        declare?.Invoke(Registration.BuilderOf(services, name));
        _ = Registration.BuilderOf(services, name);
        return services;
    }
}
