X := y
E :=
ifeq ($(X),y)
$(info 1 yes)
else
$(info 1 no)
endif
ifneq ($(X), y)
$(info 2 yes)
else ifeq "$(X)" 'y'
$(info 2 else)
else
$(info 2 no)
endif
ifdef X
  ifndef E
    $(info 3 nested)
  endif # comment
endif
ifdef NOTHING
garbage that is never read: = := $(
ifdef ALSO
else
endif
else
$(info 4 else)
endif
V = $(E)
ifdef V
$(info 5 defined though empty)
endif
ifeq ($(X),$(E))
$(info 6)
else ifdef X
$(info 6 ifdef)
else
$(info 6 no)
endif
ifeq (a b,a b)
$(info 7 blanks)
endif
ifeq ($(strip $(E) ),)
$(info 8 empty)
endif
ifeq ($(filter y m,$(X)),)
$(info 9 no)
else
$(info 9 yes)
endif
ifeq ((x),(x))
$(info 10 brackets)
endif
N = X
ifdef $(N)
$(info 11 computed)
endif
ifeq 'a,b' "a,b"
$(info 12 quotes)
endif
all:
ifdef X
	@: recipe in a condition
else
	@false
endif
ifeq ($(X)-$(Y),y-)
	@:
endif
	@:
$(info 13 end)
