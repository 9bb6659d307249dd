using System.Runtime.CompilerServices;

namespace Millpond.Local;

/// <summary>
/// Estimates values of one type, and decides once for the type how: by a constant where all instances have the same size, by the length
/// of a string or an array of primitives, by a walk of the graph for the rest.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal static class SizeEstimator<T>
{
    private static readonly long? Fixed = FixedBytes();

    /// <summary>Whether every value takes the same number of bytes, so that <see cref="Bytes"/> looks at none.</summary>
    public static bool IsFixed => Fixed is not null;

    /// <summary>The bytes that a value takes: for a struct the struct, for an object all that it keeps alive.</summary>
    public static long Bytes(T value)
    {
        if (Fixed is { } bytes)
        {
            return value is null ? 0 : bytes;
        }

        // A boxed struct brings a header that the value, held in its entry, does not have.
        return SizeEstimate.Of(value) - (typeof(T).IsValueType && value is not null ? ObjectLayout.HeaderBytes : 0);
    }

    private static long? FixedBytes()
    {
        var type = typeof(T);
        if (!RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            return Unsafe.SizeOf<T>();
        }

        if (!type.IsSealed || type.IsValueType || type.IsArray || type == typeof(string))
        {
            return null;
        }

        var layout = ObjectLayout.Of(type);
        return layout.IsShared || layout.HasOwnReferences ? null : layout.Bytes;
    }
}
