using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Millpond.Faces.Hybrid;

/// <summary>
/// Whether callers may share one instance of a type. By HybridCache's own rule: strings, structs without references, and sealed classes and structs
/// that say <c>[ImmutableObject(true)]</c>. A record is not among them unless it says so: its properties may hold what can be changed.
/// </summary>
/// <typeparam name="T">The type of the values.</typeparam>
internal static class ImmutableType<T>
{
    public static readonly bool IsKnown = typeof(T) == typeof(string) || !RuntimeHelpers.IsReferenceOrContainsReferences<T>() || SaysSo(typeof(T));

    private static bool SaysSo(Type type)
    {
        var stated = Nullable.GetUnderlyingType(type) ?? type;

        // What is not sealed may be a subtype that breaks the promise.
        return stated.IsSealed && stated.GetCustomAttribute<ImmutableObjectAttribute>() is { Immutable: true };
    }
}
