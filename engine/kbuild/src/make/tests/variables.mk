# Flavors, operators and where a value comes from.
A = one $(B)
B := two
A += three
B += four
C ?= five
C ?= six
D := $(A)
B := changed
$(info [$(A)] [$(B)] [$(C)] [$(D)])
$(info $(flavor A) $(flavor B) $(flavor NONE) $(origin A) $(origin NONE) $(origin MAKE))
EMPTY :=
EMPTY += x
$(info [$(EMPTY)])
S := a
S +=
$(info [$(S)])
NIL :=
S += $(NIL)
$(info [$(S)])
R = a
R += $(NIL)
$(info [$(R)])
R +=
$(info [$(R)])
override O = kept
O = lost
$(info [$(O)] $(origin O))
NAME = A
$(info [$($(NAME))] [$(${NAME})] [$B])
trailing := x   # with a comment
$(info [$(trailing)])
hash := a\#b
$(info [$(hash)])
infn := $(subst #,-,a#b)
$(info [$(infn)])
long := one \
   two \
	three
$(info [$(long)])
back := a\\\
b
$(info [$(back)])
define multi
first $(1)
  second line
	with tab
endef
$(info [$(call multi,arg)])
$(info [$(value multi)])
define simple :=
$(B)
endef
B := later
$(info [$(simple)])
define added +=
more
endef
$(info [$(added)])
define outer
define inner
in
endef
x
endef
$(info [$(outer)])
undefine B
$(info [$(B)] $(flavor B))
export E := exported
$(info [$(E)])
export F
F := y
unexport F
$(info [$(F)])
dollar := $$HOME $$(x)
$(info [$(dollar)])
again := $(dollar)
$(info [$(again)])
imm = $(info expanded)value
now := $(imm)
x+y := plus
$(info [$(x+y)])
x.y-z/w := odd
$(info [$(x.y-z/w)])
$(info [$(undefined)] [$()] [$( )])
list := a b c
$(info [$(list:%=<%>)] [$(list:a=A)] [$(list:%=x)] [$(list:b=$(list))])
sfx := foo.c bar.o baz.c
$(info [$(sfx:.c=.o)] [$(sfx:.o=)] [$(sfx:%.c=%.d)] [$(sfx:ba%.c=%)])
conf-y := yes
CONFIG_X := y
obj-$(CONFIG_X) += added.o
obj-$(CONFIG_NOT) += not.o
$(info [$(obj-y)] [$(obj-)])
all:;@:
