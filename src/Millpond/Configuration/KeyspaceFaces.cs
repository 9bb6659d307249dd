using Millpond.AdHoc;
using Millpond.Invalidation;
using Millpond.Writing.Behind;

namespace Millpond;

/// <summary>Gives users the keyspaces of one cache as they declared them, or says what is wrong with how they asked.</summary>
internal sealed class KeyspaceFaces(string cache, IReadOnlyDictionary<string, IKeyspaceHandle> keyspaces, BehindHost behind, IReadOnlyList<KeyspaceDeclared> declared)
{
    public TFace Of<TFace>(string name)
        where TFace : class =>
        (keyspaces.GetValueOrDefault(name)?.Face ?? behind.CountersOf(name)) as TFace ?? throw new MillpondException(
            ErrorCode.UnknownKeyspace,
            $"cache '{cache}' has no keyspace '{name}' of type {Say(typeof(TFace))}. Declared: {string.Join("; ", declared.Select(one => $"{one.Name} ({one.Types}{(one.HasTenants ? ", by tenant" : "")})"))}. "
            + "Declare it with AddKeyspace, or correct the name or the types.")
        {
            Keyspace = name,
        };

    /// <summary>The only keyspace of these types.</summary>
    public TFace Only<TFace>()
        where TFace : class
    {
        string[] names = [.. behind.CountersOf<TFace>(), .. keyspaces.Values.Where(one => one.Face is TFace && one.Name != AdHocKeyspace.Name).Select(one => one.Name)];
        return names.Length == 1 ? Of<TFace>(names[0]) : throw new MillpondException(
            ErrorCode.AmbiguousKeyspace,
            $"{names.Length} keyspaces are a {Say(typeof(TFace))}: {string.Join(", ", names)}. Say which one with [FromKeyedServices(\"{names.FirstOrDefault()}\")].");
    }

    /// <summary>The keyspace that a purge names.</summary>
    public IPurgeTarget PurgedBy(Purge purge)
    {
        ArgumentNullException.ThrowIfNull(purge);
        return keyspaces.GetValueOrDefault(purge.Keyspace)?.Purged ?? throw new MillpondException(
            ErrorCode.UnknownKeyspace, $"cache '{cache}' has no keyspace '{purge.Keyspace}' to purge. Declared: {string.Join(", ", declared.Select(one => one.Name))}. Correct the name.")
        {
            Keyspace = purge.Keyspace,
        };
    }

    private static string Say(Type type) =>
        $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(argument => argument.Name))}>";
}
