using Microsoft.Extensions.Caching.Distributed;
using Millpond.Serialization;

namespace Millpond.Faces.Distributed;

/// <summary>Declares the keyspace behind IDistributedCache, once for each cache.</summary>
internal static class DistributedFace
{
    public const string Name = "distributed";

    // Entries without an expiration are meant to stay, but something must bound what everybody has forgotten.
    private static readonly TimeSpan LivesAtMost = TimeSpan.FromDays(30);

    public static void Declare(MillpondBuilder cache, Action<KeyspaceBuilder<string, byte[]>>? declare)
    {
        if (cache.Keyspaces.OfType<KeyspaceDeclared<string, byte[]>>().FirstOrDefault(one => one.Name == Name && one.SlidesExactly) is { } known)
        {
            declare?.Invoke(new KeyspaceBuilder<string, byte[]>(known));
            return;
        }

        var builder = new KeyspaceBuilder<string, byte[]>(Name);
        var declared = builder.Declared;
        declared.Policy.TimeToLive = LivesAtMost;

        // A time that a caller named is meant: nothing is spread that was not loaded together.
        declared.Policy.Jitter = 0;
        declared.Limits.KeyBytesMax = 1024;
        declared.SlidesExactly = true;
        declared.Codec = BytesCodec.Instance;
        declared.Face = keyspace => new MillpondDistributedCache(keyspace);
        declare?.Invoke(builder);
        cache.Keyspaces.Add(declared);
        Registration.AddFaceOfCache<IDistributedCache>(cache, Name);
        Registration.AddFaceOfCache<IBufferDistributedCache>(cache, Name);
    }
}
