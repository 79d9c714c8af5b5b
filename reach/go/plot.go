// libemb from Go: go run plot.go FILE
//
// cgo reads emb.h; where it and the library are is said by CGO_CFLAGS and CGO_LDFLAGS, or by
// pkg-config for an installed libemb ("#cgo pkg-config: emb").
package main

// #cgo CFLAGS: -I${SRCDIR}/../../include
// #cgo LDFLAGS: -lemb
// #include <stdlib.h>
// #include <emb.h>
//
// emb_status wordLength(void *, emb_value *, size_t, char *, int64_t, emb_value *);
import "C"

import (
	"errors"
	"fmt"
	"log"
	"os"
	"runtime"
	"strings"
	"unsafe"
)

const nulTerminated = C.int64_t(C.EMB_NUL_TERMINATED)

// check moves the pending error out of the thread: the caller has locked its goroutine to it.
func check(status C.emb_status) error {
	if status == C.EMB_OK {
		return nil
	}
	taken := C.emb_error{size: C.sizeof_emb_error}
	C.emb_error_take(&taken)
	C.emb_object_free(taken.exception)
	return errors.New(C.GoString(taken.type_name) + ": " + C.GoString(taken.message))
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

// arena owns C memory for a call: what C keeps in its structures must not be Go's.
type arena []unsafe.Pointer

func (a *arena) keep(memory unsafe.Pointer) unsafe.Pointer {
	*a = append(*a, memory)
	return memory
}

func (a *arena) free() {
	for _, memory := range *a {
		C.free(memory)
	}
}

func (a *arena) text(text string) *C.char {
	return (*C.char)(a.keep(unsafe.Pointer(C.CString(text))))
}

// payload is the union of an emb_value, which cgo shows as bytes.
func payload[T any](value *C.emb_value) *T {
	return (*T)(unsafe.Pointer(&value.as))
}

type (
	object C.emb_handle
	list   []any
	dict   [][2]any
)

func (a *arena) set(value *C.emb_value, from any) {
	switch from := from.(type) {
	case nil:
		value.kind = C.EMB_NONE
	case int:
		value.kind = C.EMB_INT
		*payload[int64](value) = int64(from)
	case float64:
		value.kind = C.EMB_FLOAT
		*payload[float64](value) = from
	case string:
		value.kind, value.length = C.EMB_TEXT, C.uint32_t(len(from))
		*payload[*C.char](value) = a.text(from)
	case object:
		value.kind = C.EMB_OBJECT
		*payload[object](value) = from
	case list:
		value.kind, value.length = C.EMB_LIST, C.uint32_t(len(from))
		*payload[*C.emb_value](value) = a.values(from)
	case dict:
		var flat []any
		for _, pair := range from {
			flat = append(flat, pair[0], pair[1])
		}
		value.kind, value.length = C.EMB_DICT, C.uint32_t(len(from))
		*payload[*C.emb_value](value) = a.values(flat)
	default:
		panic(fmt.Sprintf("%T has no kind", from))
	}
}

func (a *arena) values(from []any) *C.emb_value {
	memory := (*C.emb_value)(a.keep(C.calloc(C.size_t(len(from)+1), C.sizeof_emb_value)))
	slots := unsafe.Slice(memory, len(from))
	for i := range from {
		a.set(&slots[i], from[i])
	}
	return memory
}

type keyword struct {
	name  string
	value any
}

// call is of.name(args..., keywords...).
func call(of object, name string, args []any, keywords ...keyword) (result C.emb_value, err error) {
	var a arena
	defer a.free()
	all, names, cNames := args, []string{}, (*C.char)(nil)
	for _, keyword := range keywords {
		all, names = append(all, keyword.value), append(names, keyword.name)
	}
	if len(names) > 0 {
		cNames = a.text(strings.Join(names, ","))
	}
	err = check(C.emb_call_method(C.emb_handle(of), a.text(name), nulTerminated, a.values(all),
		C.size_t(len(args)), cNames, nulTerminated, C.EMB_RESULT_AUTO, &result))
	return
}

func importModule(name string) object {
	var a arena
	defer a.free()
	var module C.emb_handle
	err := check(C.emb_import(a.text(name), nulTerminated, &module))
	return must(object(module), err)
}

// doubles gives memory of the C heap as a slice: C must not keep pointers to Go's.
func doubles(length int) []float64 {
	return unsafe.Slice((*float64)(C.calloc(C.size_t(length), 8)), length)
}

func array(data []float64) object {
	var a arena
	defer a.free()
	var handle C.emb_handle
	shape := C.int64_t(len(data))
	pointer := unsafe.Pointer(&data[0])
	err := check(C.emb_array_from_ptr(pointer, a.text("float64"), nulTerminated, 1, &shape, nil,
		C.EMB_RELEASE_QUEUE, nil, pointer, &handle))
	return must(object(handle), err)
}

func share() error {
	numbers := doubles(3)
	copy(numbers, []float64{3, 1, 2})
	sorted := array(numbers)
	must(call(sorted, "sort", nil))
	fmt.Printf("shared     %g %g %g\n", numbers[0], numbers[1], numbers[2])

	var a arena
	defer a.free()
	if err := check(C.emb_object_free(C.emb_handle(sorted))); err != nil {
		return err
	}
	// Enters Python, which drops it.
	if err := check(C.emb_run(a.text(""), 0, nil, 0, 0)); err != nil {
		return err
	}
	var released unsafe.Pointer
	var count C.size_t
	err := check(C.emb_released(&released, 1, &count))
	fmt.Printf("released   %d\n", count)
	C.free(released)
	return err
}

// A panic must not leave a callback: raise it in Python, and return its status.
//
//export wordLength
func wordLength(userdata unsafe.Pointer, args *C.emb_value, nargs C.size_t, keywords *C.char,
	keywordsLength C.int64_t, result *C.emb_value) C.emb_status {
	if args.length == 0 {
		var a arena
		defer a.free()
		return C.emb_error_raise(a.text("ValueError"), nulTerminated,
			a.text("an empty word"), nulTerminated)
	}
	result.kind = C.EMB_INT
	*payload[int64](result) = int64(args.length)
	return C.EMB_OK
}

func callBack(builtins object) error {
	var a arena
	defer a.free()
	var key C.emb_handle
	if err := check(C.emb_callback_new(a.text("word_length"), nulTerminated, nil, 0,
		C.emb_function(C.wordLength), nil, C.EMB_RESULT_AUTO, nil, &key)); err != nil {
		return err
	}
	defer C.emb_object_free(key)
	byLength := keyword{"key", object(key)}

	sorted := must(call(builtins, "sorted", list{list{"cherry", "fig", "lemon"}}, byLength))
	handle := *payload[C.emb_handle](&sorted)
	defer C.emb_object_free(handle)
	var shown C.emb_value
	if err := check(C.emb_object_text(handle, C.EMB_TEXT_REPR, &shown)); err != nil {
		return err
	}
	fmt.Println("callback  ", C.GoStringN(*payload[*C.char](&shown), C.int(shown.length)))

	_, err := call(builtins, "sorted", list{list{"fig", "", "lemon"}}, byLength)
	fmt.Println("raised    ", err)
	return nil
}

func oscillate(points int) (xs, ys []float64) {
	xs, ys = doubles(points), doubles(points)
	x, y := 0.1, 0.0
	for i := range xs {
		// The conversions keep other processors from fusing products and sums.
		x += float64(0.03 * y)
		y += float64(0.03 * (float64(float64(1-float64(x*x))*y) - x))
		xs[i], ys[i] = x, y
	}
	return
}

func plot(file string) {
	xs, ys := oscillate(1000)
	must(call(importModule("matplotlib"), "use", list{"agg"}))
	pyplot := importModule("matplotlib.pyplot")
	must(call(pyplot, "plot", list{array(xs), array(ys)},
		keyword{"color", "teal"}, keyword{"linewidth", 1.5}))
	must(call(pyplot, "title", list{"Van der Pol's oscillator"}))
	must(call(pyplot, "savefig", list{file},
		keyword{"dpi", 80}, keyword{"metadata", dict{{"Software", nil}}}))
}

func main() {
	// A pending error waits in its thread; a goroutine may go on in another one.
	runtime.LockOSThread()
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: plot FILE")
	}
	if C.emb_abi_version() != C.EMB_ABI_VERSION {
		log.Fatal("another version of libemb")
	}
	must(true, check(C.emb_init(nil)))
	fmt.Printf("abi        %d\n", C.emb_abi_version())
	must(true, share())
	builtins := importModule("builtins")
	must(true, callBack(builtins))
	_, err := call(builtins, "int", list{"ten"})
	fmt.Println("exception ", err)
	plot(os.Args[1])
	must(true, check(C.emb_shutdown()))
	fmt.Println("picture    drawn")
}
