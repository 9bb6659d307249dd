using System.Text;

namespace Millpond.Serialization;

/// <summary>Computes the <see cref="IValueCodec{T}.Id"/> of a codec from names that do not change with a version or a runtime.</summary>
public static class CodecId
{
    private const uint FnvOffset = 2166136261;
    private const uint FnvPrime = 16777619;

    /// <summary>
    /// The 32-bit FNV-1a hash of <c>encoding|type</c>. The type counts by namespace, name and type arguments, without assemblies and their
    /// versions, so that a move to another assembly or runtime keeps the entries. Never 0, which stands for no codec.
    /// </summary>
    /// <param name="encoding">The name of the encoding, such as <c>json</c>; with a number of your own if its bytes ever changed.</param>
    /// <param name="type">The type of the values.</param>
    public static uint Of(string encoding, Type type)
    {
        ArgumentException.ThrowIfNullOrEmpty(encoding);
        ArgumentNullException.ThrowIfNull(type);
        return Hash($"{encoding}|{NameOf(type)}");
    }

    internal static uint Hash(string text)
    {
        var hash = FnvOffset;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * FnvPrime;
        }

        return hash == 0 ? FnvPrime : hash;
    }

    /// <summary>Type.FullName would name the assemblies of type arguments, versions included; this does not.</summary>
    internal static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (!type.IsGenericType)
        {
            return type.FullName ?? type.Name;
        }

        var arguments = string.Join(',', type.GetGenericArguments().Select(NameOf));
        return $"{type.GetGenericTypeDefinition().FullName}<{arguments}>";
    }
}
